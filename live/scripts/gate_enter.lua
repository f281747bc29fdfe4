-- gate_enter: may a request go to the CRM now? If so it is counted, and with a broken circuit it is the one that tries.
--
-- KEYS  1 gate
-- ARGV  1 now (ms)  2 method  3 requests a second  4 how many the bucket may hold for this one
--       5 how long one that tries is waited for (ms)  6 lifetime of the key (s)
-- gives {ms to wait, why, the answer is to be told, this one tries}; why is '' for one that may go
local GATE, now, method = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local rate, most = tonumber(ARGV[3]) / 1000, tonumber(ARGV[4])
local names = {'paused', 'method:' .. method, 'opened', 'trial', 'level', 'drained', 'failures'}
local seen = redis.call('HMGET', GATE, unpack(names))

local function number(index)
  return tonumber(seen[index] or '0')
end

local paused, spent, opened, trial, level, drained = number(1), number(2), number(3), number(4), number(5), number(6)
if paused > now then return {math.ceil(paused - now), 'paused', 0, 0} end
if spent > now then return {math.ceil(spent - now), 'method', 0, 0} end
if opened > now then return {math.ceil(opened - now), 'broken', 0, 0} end
if opened > 0 and trial > now then return {math.ceil(trial - now), 'broken', 0, 0} end

level = math.max(0, level - math.max(0, now - drained) * rate)
if level + 1 > most then return {math.ceil((level + 1 - most) / rate), 'rate', 0, 0} end

redis.call('HSET', GATE, 'level', string.format('%.3f', level + 1))
redis.call('HSET', GATE, 'drained', string.format('%.0f', math.max(now, drained)))
if opened > 0 then redis.call('HSET', GATE, 'trial', string.format('%.0f', now + tonumber(ARGV[5]))) end
redis.call('EXPIRE', GATE, tonumber(ARGV[6]))
return {0, '', (opened > 0 or number(7) > 0) and 1 or 0, opened > 0 and 1 or 0}
