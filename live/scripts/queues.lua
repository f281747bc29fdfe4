-- queues: how many callers wait, and since when the first does. It changes nothing.
--
-- KEYS  1 calls  then of each group with a hold: waiting:GROUP, seen:GROUP
-- ARGV  1 JSON with now (ms), trace (what those keys begin with), patience [ms, of each group in the order of KEYS]
-- gives JSON {up, queues [{index, waiting, note (in which the first was put on hold)}]}; an empty queue is left out
local q = cjson.decode(ARGV[1])
local MOST = 10  -- callers looked at to find the first who is still there

local function put_on_hold(id)
  local notes = redis.call('LRANGE', q.trace .. id, 0, -1)
  for i = #notes, 1, -1 do
    if string.match(notes[i], '"code":"hold"') then return notes[i] end
  end
  return ''
end

local function first_of(line, seen)
  for _, id in ipairs(redis.call('ZRANGE', line, 0, MOST - 1)) do
    local asked = redis.call('ZSCORE', seen[1], id)
    if asked and tonumber(asked) > seen[2] then return put_on_hold(id) end
  end
  return ''
end

local queues = {}
for index, patience in ipairs(q.patience) do
  local line, seen, since = KEYS[2 * index], KEYS[2 * index + 1], q.now - patience
  local waiting = redis.call('ZCOUNT', seen, '(' .. string.format('%.0f', since), '+inf')
  if waiting > 0 then
    queues[#queues + 1] = {index = index, waiting = waiting, note = first_of(line, {seen, since})}
  end
end
return cjson.encode({up = redis.call('ZCARD', KEYS[1]), queues = queues})
