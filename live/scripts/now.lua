-- now: what is going on, for the page that shows it. It changes nothing.
--
-- KEYS  1 calls  then of each group with a hold: waiting:GROUP, seen:GROUP
-- ARGV  1 JSON with now (ms), most (calls told of, and callers of each queue), says [code of a note that tells where a
--       call is], call, trace and lookup (what those keys begin with), patience [ms, of each group in the order of KEYS]
-- gives JSON {up, calls [{id, fields [number, caller, started, forwarded], note, contact}],
--       queues [{index, waiting, calls [id], note (of the first)}]}; a queue that is empty is left out
local q = cjson.decode(ARGV[1])
local says, HOLD = {}, {hold = true}
for _, code in ipairs(q.says) do says[code] = true end

-- The last note that is among those wanted.
local function last_note(id, wanted)
  local notes = redis.call('LRANGE', q.trace .. id, 0, -1)
  for i = #notes, 1, -1 do
    if wanted[string.match(notes[i], '"code":"([a-z_]+)"')] then return notes[i] end
  end
  return ''
end

local queues, waits = {}, {}
for index, patience in ipairs(q.patience) do
  local line, seen = KEYS[2 * index], KEYS[2 * index + 1]
  local since = '(' .. string.format('%.0f', q.now - patience)
  local waiting = redis.call('ZCOUNT', seen, since, '+inf')
  if waiting > 0 then
    local here, calls = {}, {}
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, since, '+inf', 'LIMIT', 0, q.most)) do here[id] = true end
    for _, id in ipairs(redis.call('ZRANGE', line, 0, 2 * q.most)) do
      if here[id] and #calls < q.most then
        calls[#calls + 1], waits[id] = id, true
      end
    end
    local first = calls[1] and last_note(calls[1], HOLD) or ''
    queues[#queues + 1] = {index = index, waiting = waiting, calls = calls, note = first}
  end
end

local calls = {}
for i, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, q.most - 1)) do
  local fields = redis.call('HMGET', q.call .. id, 'number', 'caller', 'started', 'forwarded')
  local contact = fields[2] and fields[2] ~= '' and redis.call('GET', q.lookup .. fields[2]) or ''
  calls[i] = {id = id, fields = fields, note = last_note(id, waits[id] and HOLD or says), contact = contact}
end
return cjson.encode({up = redis.call('ZCARD', KEYS[1]), calls = calls, queues = queues})
