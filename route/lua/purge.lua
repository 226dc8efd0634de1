-- purge: finished tickets and their posts go after their time.  What stays is post -> ticket, so
-- that a post that comes again later opens nothing.  ARGV: older than (wall ms), at most.
local before, max = ARGV[3], tonumber(ARGV[4])
local old = call('ZRANGEBYSCORE', P .. 'done', '-inf', '(' .. before, 'LIMIT', 0, max)
for _, n in ipairs(old) do
	for _, id in ipairs(call('ZRANGE', P .. 'posts:' .. n, 0, -1)) do
		call('DEL', P .. 'post:' .. id)
	end
	call('DEL', P .. 'posts:' .. n, T(n))
	call('ZREM', P .. 'done', n)
end
return done({'OK', #old})
