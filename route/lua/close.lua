-- close: no further work.  A claimed ticket needs its token; one that nobody holds takes "0".
-- ARGV: ticket, token, reason, agent.
local n, token, reason, agent = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
reap(1000)
local state, valid = get(n, 'state', 'token')
local free = (state == 'open' and token == '0') or (state == 'answered' and (token == '0' or token == valid))
if not free then
	local no = refuse(n, token)
	if no then
		return done(no)
	end
	agent = get(n, 'agent')
end
local result
if reason == 'answered' then
	result = fulfill(n, NOW, agent, '')
else
	void(n, reason == 'irrelevant' or reason == 'spam')
	result = get(n, 'promise_state')
end
finish(n, 'closed')
call('HSET', T(n), 'closed_at', ms(NOW), 'closed_by', agent, 'close_reason', reason)
count('closed')
count('closed:' .. reason)
emit(n, 'closed', ',"by":' .. q(agent) .. ',"reason":' .. q(reason))
return done({'OK', result})
