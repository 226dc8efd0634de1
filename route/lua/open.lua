-- open: at the start of a router: the nonce of this Redis, the teams, the text behind the
-- configuration's hash; answers the offsets.  ARGV: nonce, hash, text, then (team label)*.
local nonce, hash, text = ARGV[3], ARGV[4], ARGV[5]
local fresh = call('SETNX', P .. 'epoch', nonce)
call('SETNX', P .. 'version:' .. hash, text)
call('DEL', P .. 'teams')
for i = 6, #ARGV, 2 do
	call('HSET', P .. 'teams', ARGV[i], ARGV[i + 1])
end
return done({'OK', fresh, call('HGETALL', P .. 'off:scored')})
