-- answer: the agent has answered at `url`; the first-response promise is decided now.
-- ARGV: ticket, token, url.
local n, token, url = ARGV[3], ARGV[4], ARGV[5]
local state, valid, promise_state = get(n, 'state', 'token', 'promise_state')
if state == 'answered' and token == valid then
	-- our reply was heard at its source before the agent could say so; or said twice
	return done({'OK', promise_state})
end
local no = refuse(n, token)
if no then
	return done(no)
end
local agent = get(n, 'agent')
call('HSET', T(n), 'answered_at', ms(NOW), 'answered_by', agent, 'answer_url', url)
local result = fulfill(n, NOW, agent, url)
finish(n, 'answered')
count('answered')
emit(n, 'answered', ',"by":' .. q(agent) .. ',"url":' .. q(url))
return done({'OK', result})
