-- tick: what time does by itself; bounded, the caller repeats while there is more.
-- ARGV: at most.  Timers in the order they were due; each is taken out before it fires, so it fires
-- once; those of another clock version or of a finished ticket are void.
local max = tonumber(ARGV[3])
local warned, breached, moved = 0, 0, 0
local expired = reap(max)

local due = call('ZRANGEBYSCORE', P .. 'timers', '-inf', ms(NOW), 'LIMIT', 0, max)
for _, member in ipairs(due) do
	call('ZREM', P .. 'timers', member)
	local n, kind, clock = string.match(member, '^(%d+):(%a+):(%d+)$')
	local state, valid, promise_state, deadline, channel = get(n, 'state', 'clock', 'promise_state', 'deadline',
		'channel')
	local waits = state == 'open' or state == 'claimed'
	if waits and clock == valid then
		if kind == 'warn' and promise_state == 'running' then
			warned = warned + 1
			count('warn')
			call('HSET', T(n), 'warned', 1)
			emit(n, 'warn', ',"deadline":' .. deadline)
		elseif kind == 'breach' and promise_state == 'running' then
			breached = breached + 1
			count('breach')
			count('due:' .. channel, -1)
			count('late:' .. channel)
			call('HSET', T(n), 'breached', 1, 'promise_state', 'breached')
			emit(n, 'breach', ',"deadline":' .. deadline)
		elseif kind == 'aged' then
			call('HSET', T(n), 'aged', 1)
		end
		if state == 'open' and kind ~= 'warn' then
			moved = moved + 1
			enqueue(n)
		end
	end
end
local more = (#due == max or expired == max) and 1 or 0
return done({'OK', warned, breached, expired, moved, more})
