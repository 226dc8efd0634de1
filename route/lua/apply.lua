-- apply: a batch of decided posts of one partition, and its offset, in one step.
--
-- Compare-and-set: the stored offset must be the predecessor this caller names, else nothing is
-- applied and RETRY_FROM tells where the effects really stand (a lost tail of Redis' log, a second
-- router, a reply lost on the way).  "offset > stored" would skip a lost tail for ever.
--
-- KEYS[1] {t}:off:scored.  ARGV after prefix and time: partition, predecessor ("" for none), new offset
-- (both as stored: "OFFSET LOG"), dedup in s, audit (1 or 0), then per post
--   op id tonality channel delay      ("LANG:LABEL" or "", hearing delay in ms or "")
-- and then, by op
--   F reason                          filtered
--   O conversation parent at by url                own voice written at `at`: counted, and may be an answer
--   C json created n (field value)*n  into a ticket
--   U json n (field value)*n          text facts changed
--   D                                 deleted at its source
local partition, prev, new = ARGV[3], ARGV[4], ARGV[5]
local dedup, audit = ARGV[6], ARGV[7] == '1'
local stored = call('HGET', KEYS[1], partition) or ''
if stored ~= prev and not MUTANT_NO_CAS then
	return {'RETRY_FROM', stored}
end

local at = 8
local function take()
	local value = ARGV[at]
	at = at + 1
	return value
end
local function take_fields()
	local fields, flat = {}, {}
	for _ = 1, tonumber(take()) do
		local name, value = take(), take()
		fields[name] = value
		flat[#flat + 1] = name
		flat[#flat + 1] = value
	end
	return fields, flat
end

local function filtered(id, reason)
	count('filtered')
	count('filtered:' .. reason)
	if audit then
		call('HSET', P .. 'audit', id, reason)
	end
end

local LE = {60, 300, 900, 3600, 21600, 86400}
local max_delay
local function heard(tonality, channel, delay)
	count('heard')
	if tonality ~= '' then
		count('tonality:' .. tonality)
	end
	if delay ~= '' then
		local d = tonumber(delay)
		local le = 'inf'
		for i = #LE, 1, -1 do
			if d <= LE[i] * 1000 then
				le = LE[i]
			end
		end
		count('delay:le:' .. le)
		count('delay:n')
		count('delay:sum', d)
		count('delay:n:' .. channel)
		count('delay:sum:' .. channel, d)
		max_delay = math.max(max_delay or 0, d)
	end
end

local function add_post(n, id, json, created)
	call('SET', P .. 'p:' .. id, n, 'EX', dedup)
	call('SET', P .. 'post:' .. id, json)
	call('ZADD', P .. 'posts:' .. n, created, id)
	call('HINCRBY', T(n), 'posts', 1)
	count('routed')
end

local function activate(n, f)
	call('HSET', T(n), 'promise_state', 'running')
	start_timers(n)
	emit(n, 'activate', ',"deadline":' .. f.deadline .. ',"promise":' .. f.promise)
end

local function create(id, json, created, f, flat)
	local n = call('INCR', P .. 'seq')
	call('HSET', T(n), 'id', n, 'state', 'open', 'version', 0, 'post', id, 'posts', 0, 'opened_at', ms(NOW),
		'clock', 0, 'promise_state', 'none', unpack(flat))
	call('ZADD', P .. 'open', ms(NOW), n)
	call('HSET', P .. 'conv:' .. f.conversation, f.author, n)
	add_post(n, id, json, created)
	count('tickets')
	count('team:' .. f.team)
	if f.tonality == 'unsure' then
		count('unsure')
	end
	emit(n, 'created', ',"post":' .. q(id) .. ',"priority":' .. f.priority .. ',"rule":' .. f.rule)
	if f.promise ~= '0' then
		count('due:' .. f.channel)
		activate(n, f)
	end
	enqueue(n)
end

-- A further post of the same author in the same conversation: the ticket keeps what is most urgent.
local function join(n, id, json, created, f)
	local state, priority, boost, deadline, promise_state, rank = get(n, 'state', 'priority', 'boost', 'deadline',
		'promise_state', 'rank')
	add_post(n, id, json, created)
	count('joined')
	if tonumber(f.priority) > tonumber(priority) then
		call('HSET', T(n), 'priority', f.priority, 'receipt', f.receipt, 'rule', f.rule,
			'rule_name', f.rule_name, 'when', f.when)
		priority = f.priority
	end
	if tonumber(f.boost) > tonumber(boost) then
		call('HSET', T(n), 'boost', f.boost)
		boost = f.boost
	end
	emit(n, 'joined', ',"post":' .. q(id) .. ',"priority":' .. priority)
	local moves = f.promise ~= '0' and (promise_state == 'none' or
		(promise_state == 'running' and tonumber(f.deadline) < tonumber(deadline)))
	if moves then
		if promise_state == 'none' then
			count('due:' .. get(n, 'channel'))
		end
		call('HSET', T(n), 'promise', f.promise, 'start', f.start, 'warn_at', f.warn_at, 'deadline', f.deadline)
		deadline = f.deadline
		activate(n, f)
	end
	-- the sooner of the two ranks; with a moved or kept deadline and the stronger boost it may be sooner still
	local best = math.min(tonumber(rank), tonumber(f.rank))
	if deadline and deadline ~= '' then
		best = math.min(best, tonumber(deadline) - tonumber(boost))
	end
	call('HSET', T(n), 'rank', ms(best))
	if state == 'open' then
		enqueue(n)
	end
end

local function put(id, json, created, f, flat)
	local n = call('HGET', P .. 'conv:' .. f.conversation, f.author)
	local state = n and get(n, 'state')
	if state == 'open' or state == 'claimed' then
		join(n, id, json, created, f)
	else
		create(id, json, created, f, flat)
	end
end

local function answered_by_us(n, when, by, url)
	local state = get(n, 'state')
	if state ~= 'open' and state ~= 'claimed' then
		return
	end
	call('HSET', T(n), 'answered_at', when, 'answered_by', 'own:' .. by, 'answer_url', url)
	count('own_answers')
	fulfill(n, tonumber(when), 'own:' .. by, url)
	finish(n, 'answered')
	emit(n, 'answered', ',"by":' .. q('own:' .. by) .. ',"url":' .. q(url))
end

-- Our own reply, heard where it was written: it answers the ticket of its parent; where the parent is
-- unknown or the thread's opening post without a ticket, all open ones of the conversation
-- whose posts it can have seen.
local function own(conversation, parent, when, by, url)
	local n = parent ~= '' and call('GET', P .. 'p:' .. parent)
	if n and n ~= '-' then
		return answered_by_us(n, when, by, url)
	end
	if parent == '' or parent == conversation then
		local open = call('HVALS', P .. 'conv:' .. conversation)
		table.sort(open, function(a, b) return tonumber(a) < tonumber(b) end)
		for _, m in ipairs(open) do
			local created = get(m, 'created_at')
			if created and tonumber(created) <= tonumber(when) then
				answered_by_us(m, when, by, url)
			end
		end
	end
end

local function cut(text)
	if #text <= 160 then
		return text
	end
	local e = 160
	while e > 0 and string.byte(text, e + 1) >= 128 and string.byte(text, e + 1) < 192 do
		e = e - 1
	end
	return string.sub(text, 1, e)
end
local function text_of(v)
	return type(v) == 'string' and v or ''
end

local function delete(n, id)
	call('DEL', P .. 'post:' .. id)
	call('SET', P .. 'p:' .. id, '-', 'EX', dedup)
	call('ZREM', P .. 'posts:' .. n, id)
	if not get(n, 'id') then
		return -- the ticket itself was purged
	end
	call('HSET', T(n), 'deleted', 1)
	call('HINCRBY', T(n), 'posts', -1)
	local left = call('ZRANGE', P .. 'posts:' .. n, 0, 0)[1]
	if left then
		if get(n, 'post') == id then
			local json = call('GET', P .. 'post:' .. left)
			local post = json and cjson.decode(json) or {}
			local head = text_of(post.title)
			if head == '' then
				head = text_of(post.text)
			end
			call('HSET', T(n), 'post', left, 'head', cut(head), 'url', text_of(post.url), 'reply_via',
				text_of(post.reply_via))
		end
		return emit(n, 'deleted', ',"post":' .. q(id))
	end
	local state = get(n, 'state')
	if state == 'open' or state == 'claimed' then
		void(n, true)
		finish(n, 'closed')
		call('HSET', T(n), 'closed_at', ms(NOW), 'closed_by', 'source', 'close_reason', 'deleted')
		count('closed')
		count('closed:deleted')
		emit(n, 'closed', ',"by":"source","reason":"deleted"')
	end
	call('HSET', T(n), 'author', '', 'author_handle', '', 'author_name', '', 'followers', '', 'head', '', 'url', '',
		'reply_via', '')
	emit(n, 'deleted', ',"post":' .. q(id))
end

while at <= #ARGV do
	local op, id, tonality, channel, delay = take(), take(), take(), take(), take()
	local known = call('GET', P .. 'p:' .. id)
	if op == 'F' then
		local reason = take()
		if audit and call('HEXISTS', P .. 'audit', id) == 1 then
			count('repeat')
		else
			heard(tonality, channel, delay)
			filtered(id, reason)
		end
	elseif op == 'O' then
		local conversation, parent, when, by, url = take(), take(), take(), take(), take()
		if audit and call('HEXISTS', P .. 'audit', id) == 1 then
			count('repeat')
		else
			heard(tonality, channel, delay)
			filtered(id, 'own')
		end
		own(conversation, parent, when, by, url) -- harmless when repeated
	elseif op == 'C' then
		local json, created = take(), take()
		local f, flat = take_fields()
		if known == '-' then
			heard('', channel, '')
			filtered(id, 'deleted')
		elseif known then
			count('repeat')
		else
			heard(tonality, channel, delay)
			put(id, json, created, f, flat)
		end
	elseif op == 'U' then
		local json = take()
		local _, flat = take_fields()
		heard('', channel, '')
		if known == '-' then
			filtered(id, 'deleted')
		elseif not known then
			filtered(id, 'update_unknown')
		else
			count('updated')
			if get(known, 'id') then
				call('SET', P .. 'post:' .. id, json)
				if get(known, 'post') == id then
					call('HSET', T(known), unpack(flat))
				end
				emit(known, 'updated', ',"post":' .. q(id))
			end
		end
	elseif op == 'D' then
		if known == '-' then
			count('repeat')
		else
			heard('', channel, '')
			if known then
				count('deleted')
				delete(known, id)
			else
				call('SET', P .. 'p:' .. id, '-', 'EX', dedup)
				filtered(id, 'delete_unknown')
			end
		end
	else
		return redis.error_reply('apply: unknown op ' .. tostring(op))
	end
end

if max_delay and max_delay > tonumber(call('HGET', P .. 'count', 'delay:max') or '0') then
	call('HSET', P .. 'count', 'delay:max', ms(max_delay))
end
call('HSET', KEYS[1], partition, new)
return done({'OK', new, counts['tickets'] or 0, counts['joined'] or 0, counts['repeat'] or 0})
