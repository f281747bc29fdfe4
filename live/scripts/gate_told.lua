-- gate_told: what came of a request to the CRM.
--
-- KEYS  1 gate
-- ARGV  1 now (ms)  2 answered, failed, pause or spent  3 method  4 how long pause and spent last (ms)
--       5 this one was to try (1)  6 failures in a row that break the circuit  7 the first break (ms)
--       8 the longest (ms)  9 lifetime of the key (s)
-- gives the ms for which the circuit is broken now, else 0
local GATE, now, what, lasts = KEYS[1], tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[4])

local function keep(name, value)
  redis.call('HSET', GATE, name, string.format('%.0f', value))
end

local function lengthen(name)
  keep(name, math.max(now + lasts, tonumber(redis.call('HGET', GATE, name) or '0')))
end

local broken = 0
if what == 'failed' then
  local failures = redis.call('HINCRBY', GATE, 'failures', 1)
  local opened = redis.call('HEXISTS', GATE, 'opened') == 1
  if ARGV[5] == '1' or (not opened and failures >= tonumber(ARGV[6])) then
    local times = redis.call('HINCRBY', GATE, 'times', 1)
    broken = math.min(tonumber(ARGV[7]) * 2 ^ (times - 1), tonumber(ARGV[8]))
    keep('opened', now + broken)
    redis.call('HDEL', GATE, 'trial')
  end
else
  redis.call('HDEL', GATE, 'failures', 'opened', 'times', 'trial')
  if what == 'pause' then lengthen('paused') end
  if what == 'spent' then lengthen('method:' .. ARGV[3]) end
end
redis.call('EXPIRE', GATE, tonumber(ARGV[9]))
return math.ceil(broken)
