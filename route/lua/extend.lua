-- extend: the lease begins again.  ARGV: ticket, token, lease in ms.
local n, token, lease = ARGV[3], ARGV[4], tonumber(ARGV[5])
local no = refuse(n, token)
if no then
	return done(no)
end
local until_ms = ms(redis_ms() + lease)
call('ZADD', P .. 'lease', until_ms, n)
call('HSET', T(n), 'lease_until', until_ms)
emit(n, 'extended', ',"agent":' .. q(get(n, 'agent')) .. ',"token":' .. token .. ',"lease_until":' .. until_ms)
return done({'OK', tonumber(until_ms)})
