-- rename: what is kept by the keys of earlier settings is kept by those of newer ones, all in one moment.
--
-- KEYS  12 keyed
-- ARGV  3 what KEYED was ('' for none)  4 what it is to be  5 how many entries have another key
--       6 … of each: its section, the key that it had, and the one that it has; then RENAMED as it is to be: field, value
-- gives 1, or 0 when KEYED has become something else meanwhile: then nothing is changed
local KEYED = KEYS[12]
if (redis.call('GET', KEYED) or '') ~= ARGV[3] then return answer('0') end

-- Nobody inherits: what is still kept of somebody who had the new key once goes.
local move = {}

function move.employees(old, new)
  for _, key in ipairs({BUSY, AWAY}) do
    local value = redis.call('HGET', key, old)
    if value then redis.call('HSET', key, new, value) else redis.call('HDEL', key, new) end
    redis.call('HDEL', key, old)
  end
  local offered = redis.call('ZSCORE', OFFERED, old)
  if offered then redis.call('ZADD', OFFERED, offered, new) else redis.call('ZREM', OFFERED, new) end
  redis.call('ZREM', OFFERED, old)
end

function move.groups(old, new)
  for _, line in ipairs({TAG .. 'waiting:', TAG .. 'seen:'}) do
    redis.call('DEL', line .. new)
    if redis.call('EXISTS', line .. old) == 1 then redis.call('RENAME', line .. old, line .. new) end
  end
end

local at = 6
for _ = 1, tonumber(ARGV[5]) do
  move[ARGV[at]](ARGV[at + 1], ARGV[at + 2])
  at = at + 3
end
redis.call('DEL', RENAMED)
for field = at, #ARGV, 2 do redis.call('HSET', RENAMED, ARGV[field], ARGV[field + 1]) end
redis.call('EXPIRE', RENAMED, LIVES.renamed)
redis.call('SET', KEYED, ARGV[4], 'EX', LIVES.keyed)
return answer('1')
