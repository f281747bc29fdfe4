-- What the scripts share; put before each of them (live/scripts/__init__.py).
--
-- KEYS  1 busy  2 offered  3 away  4 sequence  5 balance  6 calls  7 call:ID  8 trace:ID  9 ended  10 blocked
--       waiting:GROUP and seen:GROUP begin as busy does, which puts them into the same space and slot
-- ARGV  1 JSON with id, now (ms), step, and what each script names
-- LIVES and SETTLES stand before this text: live.keys, in Lua
local q = cjson.decode(ARGV[1])
local BUSY, OFFERED, AWAY, SEQUENCE, BALANCE, CALLS, CALL, TRACE, ENDED, BLOCKED =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local TAG = string.sub(BUSY, 1, -5)  -- without "busy"
local now, notes, freed = q.now, {}, {}

local function note(entry, more)
  if not entry then return end
  for name, value in pairs(more or {}) do entry[name] = value end
  entry.t = now
  notes[#notes + 1] = cjson.encode(entry)
end

local function entry_of(text)
  if not text then return nil end
  local state, till, step, id = string.match(text, '^(%a) (%d+) (%d+) (.*)$')
  return {state = state, till = tonumber(till), step = tonumber(step), id = id}
end

-- Whom this call rings or talks to: {employee: [groups whose callers wait for him]}
local function held()
  return cjson.decode(redis.call('HGET', CALL, 'held') or '{}')
end

local function free(employee, queues)
  redis.call('HDEL', BUSY, employee)
  freed[#freed + 1] = queues
end

-- They are free again, but for one employee.
local function release(but)
  for employee, queues in pairs(held()) do
    local entry = entry_of(redis.call('HGET', BUSY, employee))
    if employee ~= but and entry and entry.id == q.id then free(employee, queues) end
  end
end

local function leave(group)
  redis.call('ZREM', TAG .. 'waiting:' .. group, q.id)
  redis.call('ZREM', TAG .. 'seen:' .. group, q.id)
end

-- From the head of each queue as many callers as people have become free for it.
local function calls_to_wake()
  local wake, told, people = {}, {[q.id] = true}, {}
  for _, queues in ipairs(freed) do
    for _, group in ipairs(queues) do people[group] = (people[group] or 0) + 1 end
  end
  for group, count in pairs(people) do
    for _, id in ipairs(redis.call('ZRANGE', TAG .. 'waiting:' .. group, 0, count - 1)) do
      if not told[id] then
        wake[#wake + 1], told[id] = id, true
      end
    end
  end
  return #wake > 0 and cjson.encode(wake) or '[]'
end

-- The record of this call is to be written, or written anew: until it is, nothing that is known of the call may go.
local function settle_record(after)
  redis.call('ZADD', ENDED, string.format('%.0f', now + after), q.id)
  for _, key in ipairs({ENDED, CALL, TRACE}) do redis.call('EXPIRE', key, LIVES.ended) end
end

local function is_over()
  return redis.call('HEXISTS', CALL, 'ended') == 1
end

local function keep_trace()
  if #notes == 0 then return end
  if redis.call('RPUSH', TRACE, unpack(notes)) == #notes then redis.call('EXPIRE', TRACE, LIVES.trace) end
end
