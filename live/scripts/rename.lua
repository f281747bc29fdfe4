-- rename: what is kept by the keys of earlier settings is kept by those of newer ones, all in one moment.
--
-- KEYS  12 keyed
-- ARGV  3 what KEYED was ('' for none)  4 what it is to be  5 how many entries have another key
--       6 … of each: its section, the key that it had, and the one that it has; then RENAMED as it is to be: field, value
-- gives 1, or 0 when KEYED has become something else meanwhile: then nothing is changed
local KEYED = KEYS[12]
if (redis.call('GET', KEYED) or '') ~= ARGV[3] then return answer('0') end

-- Nobody inherits: what is still kept of somebody who had the new key once goes. But for a call that goes by the new key
-- already, because its process took the revision up while Redis did not: that frees whom it holds.
local move = {}

-- The call that holds him knows him by the new key, too: the old one may be given to somebody else before it is over.
local function follow_in_call(mark, old, new)
  local call = TAG .. 'call:' .. entry_of(mark).id
  for _, field in ipairs({'talking', 'forwarded'}) do
    if redis.call('HGET', call, field) == old then redis.call('HSET', call, field, new) end
  end
  local people = cjson.decode(redis.call('HGET', call, 'held') or '{}')
  if people[old] then
    people[new], people[old] = people[old], nil
    redis.call('HSET', call, 'held', cjson.encode(people))
  end
end

local function move_mark(old, new)
  local mark, other = redis.call('HGET', BUSY, old), entry_of(redis.call('HGET', BUSY, new))
  redis.call('HDEL', BUSY, old)
  if mark then follow_in_call(mark, old, new) end
  if other and other.till > now then return end
  if mark then redis.call('HSET', BUSY, new, mark) else redis.call('HDEL', BUSY, new) end
end

function move.employees(old, new)
  move_mark(old, new)
  local away = redis.call('HGET', AWAY, old)
  if away then redis.call('HSET', AWAY, new, away) else redis.call('HDEL', AWAY, new) end
  redis.call('HDEL', AWAY, old)
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
