-- claim: the best ticket of one or several teams, or a named one, with a lease and a fencing token.
-- ARGV: agent, lease in ms, ticket ("0": the best), team...
local agent, lease, wanted = ARGV[3], tonumber(ARGV[4]), ARGV[5]
reap(1000)

-- Members that are not open (they cannot be there, but a queue must not stop on one) are dropped.
local function head(set)
	while true do
		local first = call('ZRANGE', set, 0, 0, 'WITHSCORES')
		if not first[1] or get(first[1], 'state') == 'open' then
			return first[1], tonumber(first[2])
		end
		call('ZREM', set, first[1])
	end
end

local n
if wanted ~= '0' then
	local state, holder, by, reason = get(wanted, 'state', 'agent', 'answered_by', 'close_reason')
	if not state then
		return done({'UNKNOWN', 'there is no ticket ' .. wanted})
	elseif state == 'claimed' then
		return done({'STATE', 'ticket ' .. wanted .. ' is held by ' .. holder .. ': choose another'})
	elseif state ~= 'open' then
		return done({'STATE', 'ticket ' .. wanted .. ' is ' .. state .. ' (' .. (by or reason or '?') .. ')'})
	end
	n = wanted
else
	local best
	for i = 6, #ARGV do
		local a, rank = head(P .. 'q:' .. ARGV[i])
		if a and (not best or rank < best) then
			n, best = a, rank
		end
		local b, late = head(P .. 'late:' .. ARGV[i])
		if b and (not best or NOW + late < best) then
			n, best = b, NOW + late
		end
	end
	if not n then
		return done({'EMPTY', 'nothing is waiting'})
	end
end

-- above every token ever given, also by a Redis that was set back since: there a counter alone would
-- give the same ones again, and an agent of before would pass with the token of another
local token = ms(math.max(tonumber(call('GET', P .. 'token') or '0') + 1, redis_ms()))
call('SET', P .. 'token', token)
local until_ms = ms(redis_ms() + lease)
dequeue(n)
call('ZADD', P .. 'lease', until_ms, n)
call('HSET', T(n), 'state', 'claimed', 'agent', agent, 'token', token, 'lease_until', until_ms)
count('claimed')
emit(n, 'claimed', ',"agent":' .. q(agent) .. ',"token":' .. token .. ',"lease_until":' .. until_ms)
return done({'OK', tonumber(n), tonumber(token), tonumber(until_ms)})
