-- relayed: events up to this id of the outbox are on the bus.  ARGV: stream id.
local id = ARGV[3]
local time, seq = string.match(id, '^(%d+)-(%d+)$')
call('SET', P .. 'relayed', id)
call('XTRIM', P .. 'out', 'MINID', time .. '-' .. string.format('%.0f', tonumber(seq) + 1))
return done({'OK'})
