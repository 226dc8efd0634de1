-- What every script shares; store.c puts this text in front of each.  Keys: docs/INTERFACES.md.
--
-- ARGV[1] prefix of the tenant's keys, ARGV[2] wall time in ms.  A script reads all it needs, refuses
-- or changes, and ends with `return done({code, ...})`, which writes the counters gathered on the
-- way.  Item keys are built from the prefix: same hash tag, same slot.
local P, NOW = ARGV[1], tonumber(ARGV[2])
local call, q = redis.call, cjson.encode
local AGED = 1e14

local counts = {}
local function count(field, n)
	counts[field] = (counts[field] or 0) + (n or 1)
end
local function done(reply)
	for field, n in pairs(counts) do
		if n ~= 0 then
			call('HINCRBY', P .. 'count', field, n)
		end
	end
	return reply
end

local function ms(v)
	return string.format('%.0f', v)
end
local function T(n)
	return P .. 'ticket:' .. n
end
local function get(n, ...)
	return unpack(call('HMGET', T(n), ...))
end
-- Redis' own clock: leases only.
local function redis_ms()
	local t = call('TIME')
	return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- Every change of a ticket passes here: version, outbox, list of the latest.
local function emit(n, kind, more)
	local version = call('HINCRBY', T(n), 'version', 1)
	local team, channel, conversation = get(n, 'team', 'channel', 'conversation')
	local body = '"event":"' .. kind .. '","ticket":' .. n .. ',"version":' .. version .. ',"at":' .. ms(NOW)
		.. ',"team":' .. q(team or '') .. ',"channel":' .. q(channel or '')
		.. ',"conversation":' .. q(conversation or '') .. (more or '') .. '}'
	local id = call('XADD', P .. 'out', '*', 'key', conversation or '', 'event', '{' .. body)
	call('LPUSH', P .. 'recent', '{"id":"' .. id .. '",' .. body)
	call('LTRIM', P .. 'recent', 0, 199)
end

-- Into the queue of its team: by rank while in time, by boost alone once overdue (see the key page).
local function enqueue(n)
	local team, rank, boost, start, breached, aged = get(n, 'team', 'rank', 'boost', 'start', 'breached', 'aged')
	call('ZREM', P .. 'q:' .. team, n)
	if aged then
		call('ZADD', P .. 'late:' .. team, ms(tonumber(start) - AGED), n)
	elseif breached then
		call('ZADD', P .. 'late:' .. team, ms(-tonumber(boost)), n)
	else
		call('ZADD', P .. 'q:' .. team, rank, n)
	end
end
local function dequeue(n)
	local team = get(n, 'team')
	call('ZREM', P .. 'q:' .. team, n)
	call('ZREM', P .. 'late:' .. team, n)
end

local KINDS = {'warn', 'breach', 'aged'}
local function stop_timers(n)
	local clock = get(n, 'clock') or '0'
	for _, kind in ipairs(KINDS) do
		call('ZREM', P .. 'timers', n .. ':' .. kind .. ':' .. clock)
	end
	call('ZREM', P .. 'deadline', n)
end
-- Starts (or moves) the promise clock.  What has fired stays fired.
local function start_timers(n)
	stop_timers(n)
	local clock = call('HINCRBY', T(n), 'clock', 1)
	local start, warn_at, deadline, warned, breached = get(n, 'start', 'warn_at', 'deadline', 'warned', 'breached')
	if not warned then
		call('ZADD', P .. 'timers', warn_at, n .. ':warn:' .. clock)
	end
	if not breached then
		call('ZADD', P .. 'timers', deadline, n .. ':breach:' .. clock)
	end
	-- hard cap against starvation: twice the promise after the start it goes first
	call('ZADD', P .. 'timers', ms(2 * tonumber(deadline) - tonumber(start)), n .. ':aged:' .. clock)
	call('ZADD', P .. 'deadline', deadline, n)
end

-- The first response came at `at`: kept or missed, decided once.
local function fulfill(n, at, by, url)
	local state, deadline, channel = get(n, 'promise_state', 'deadline', 'channel')
	if state ~= 'running' and state ~= 'breached' then
		return state
	end
	local in_time = at <= tonumber(deadline)
	local result = in_time and 'kept' or 'missed'
	count((state == 'running' and 'due:' or 'late:') .. channel, -1)
	count(result .. ':' .. channel)
	call('HSET', T(n), 'promise_state', result)
	stop_timers(n)
	emit(n, 'fulfill', ',"answered_at":' .. ms(at) .. ',"in_time":' .. tostring(in_time) .. ',"by":' .. q(by)
		.. ',"url":' .. q(url))
	return result
end
-- It ends without an answer: an overdue one was missed, unless there was nothing to answer.
local function void(n, nothing_to_answer)
	local state, channel = get(n, 'promise_state', 'channel')
	if state == 'running' or state == 'breached' then
		local result = (state == 'breached' and not nothing_to_answer) and 'missed' or 'void'
		count((state == 'running' and 'due:' or 'late:') .. channel, -1)
		count(result .. ':' .. channel)
		call('HSET', T(n), 'promise_state', result)
		stop_timers(n)
	end
end

-- Out of all that waits: answered or closed.
local function finish(n, state)
	dequeue(n)
	call('ZREM', P .. 'lease', n)
	call('ZREM', P .. 'open', n)
	call('ZADD', P .. 'done', ms(NOW), n)
	call('HSET', T(n), 'state', state)
	call('HDEL', T(n), 'lease_until')
	local conversation, author = get(n, 'conversation', 'author')
	local conv = P .. 'conv:' .. conversation
	if author and call('HGET', conv, author) == tostring(n) then
		call('HDEL', conv, author)
	end
end

local function give_back(n, reason)
	local agent = get(n, 'agent')
	call('ZREM', P .. 'lease', n)
	call('HSET', T(n), 'state', 'open')
	call('HDEL', T(n), 'agent', 'lease_until')
	enqueue(n)
	count(reason == 'expired' and 'lease_expired' or 'released')
	emit(n, 'released', ',"agent":' .. q(agent or '') .. ',"reason":"' .. reason .. '"')
end
-- Leases that have run out, at most `max`; returns how many.
local function reap(max)
	local expired = call('ZRANGEBYSCORE', P .. 'lease', '-inf', ms(redis_ms()), 'LIMIT', 0, max)
	for _, n in ipairs(expired) do
		give_back(n, 'expired')
	end
	return #expired
end

-- Fencing: nil when `token` is the valid one of a claimed ticket, else the refusal.
local function refuse(n, token)
	local state, valid, agent, until_ms, by, reason = get(n, 'state', 'token', 'agent', 'lease_until', 'answered_by',
		'close_reason')
	if not state then
		return {'UNKNOWN', 'there is no ticket ' .. n}
	end
	if state == 'claimed' and tonumber(until_ms) <= redis_ms() then
		give_back(n, 'expired')
		state = 'open'
	end
	if state == 'claimed' and token == valid then
		return nil
	end
	local why
	if state == 'claimed' then
		why = 'is held by ' .. agent .. ' with a newer token: choose another, or wait until it is released'
	elseif state == 'open' then
		why = 'is not claimed; a lease that ran out has put it back into the queue: claim it again'
	elseif state == 'answered' then
		why = 'was answered by ' .. (by or '?') .. ': nothing is left to do'
	else
		why = 'was closed (' .. (reason or '?') .. '): nothing is left to do'
	end
	return {'STALE', 'ticket ' .. n .. ' ' .. why}
end
