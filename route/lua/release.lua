-- release: back into the queue, its place unchanged.  ARGV: ticket, token.
local n, token = ARGV[3], ARGV[4]
local no = refuse(n, token)
if no then
	return done(no)
end
give_back(n, 'agent')
return done({'OK'})
