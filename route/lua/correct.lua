-- correct: a person says what the machine got wrong; the event becomes a training row later.
-- ARGV: ticket, agent, name, value.
local n, agent, name, value = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local state, from, post = get(n, 'state', name, 'post')
if not state then
	return done({'UNKNOWN', 'there is no ticket ' .. n})
end
call('HSET', T(n), 'corrected_' .. name, value)
count('corrected')
emit(n, 'corrected', ',"by":' .. q(agent) .. ',"name":' .. q(name) .. ',"from":' .. q(from or '') .. ',"to":'
	.. q(value) .. ',"post":' .. q(post or ''))
return done({'OK'})
