-- What the scripts share; put before each of them (live/scripts/__init__.py).
--
-- KEYS  1 busy  2 offered  3 away  4 sequence  5 balance  6 calls  7 call:ID  8 trace:ID  9 ended  10 blocked
--       11 renamed
--       waiting:GROUP and seen:GROUP begin as busy does, which puts them into the same space and slot
-- ARGV  1 call  2 now (ms)  3 … what each script names; notes are JSON, as they will stand in the trace
-- gives what each script names, a line break, and a JSON list of calls to wake, nothing if there are none
-- What is said of LIVES and SETTLES becomes numbers before this runs: those of live.keys.
--
-- A run pays for each function that it makes, each number that it writes as text, and most for JSON. So numbers that
-- are only passed on come as text and stay text, and what few runs need is made inside the function that needs it.
local BUSY, OFFERED, AWAY, SEQUENCE, BALANCE, CALLS, CALL, TRACE, ENDED, BLOCKED, RENAMED = unpack(KEYS)
local TAG = string.sub(BUSY, 1, -5)  -- without "busy"
local id, now = ARGV[1], tonumber(ARGV[2])
local notes, freed = {}, {}
local renamed = redis.call('EXISTS', RENAMED) == 1

local function note(text)
  if text and text ~= '' then notes[#notes + 1] = text end
end

-- The key by which somebody's state is kept: a call that began before he was renamed knows him by another.
local function kept_by(section, key)
  return renamed and redis.call('HGET', RENAMED, section .. ':' .. key) or key
end

local function entry_of(text)
  if not text then return nil end
  local state, till, step, call = string.match(text, '^(%a) (%d+) (%d+) (.*)$')
  return {state = state, till = tonumber(till), step = step, id = call}
end

local function people_of(text)
  local found = cjson.decode(text or '{}')
  if not renamed then return found end
  local people = {}
  for employee, queues in pairs(found) do people[kept_by('employees', employee)] = queues end
  return people
end

-- Whom this call rings or talks to: {employee: [groups whose callers wait for him]}
local function held()
  return people_of(redis.call('HGET', CALL, 'held'))
end

-- Whether somebody still talks on another call, from which he went to this one (live/scripts/leg.lua).
local function talks_on(entry, employee)
  local talking, over, others = unpack(redis.call('HMGET', TAG .. 'call:' .. entry.id, 'talking', 'ended', 'held'))
  local his = talking and kept_by('employees', talking) == employee
  return his and not over and others and people_of(others)[employee]
end

local function free(employee, queues)
  local before = redis.call('HGET', CALL, 'before')
  if before and talks_on(entry_of(before), employee) then
    redis.call('HSET', BUSY, employee, before)
    return
  end
  redis.call('HDEL', BUSY, employee)
  freed[#freed + 1] = queues
end

-- They are free again, but for one employee.
local function release(but)
  for employee, queues in pairs(held()) do
    local entry = entry_of(redis.call('HGET', BUSY, employee))
    if employee ~= but and entry and entry.id == id then free(employee, queues) end
  end
end

local function leave(group)
  group = kept_by('groups', group)
  redis.call('ZREM', TAG .. 'waiting:' .. group, id)
  redis.call('ZREM', TAG .. 'seen:' .. group, id)
end

-- From the head of each queue as many callers as people have become free for it.
local function calls_to_wake()
  local wake, told, people = {}, {[id] = true}, {}
  for _, queues in ipairs(freed) do
    for _, name in ipairs(queues) do
      local group = kept_by('groups', name)
      people[group] = (people[group] or 0) + 1
    end
  end
  for group, count in pairs(people) do
    for _, call in ipairs(redis.call('ZRANGE', TAG .. 'waiting:' .. group, 0, count - 1)) do
      if not told[call] then
        wake[#wake + 1], told[call] = call, true
      end
    end
  end
  return #wake > 0 and cjson.encode(wake) or ''
end

local function answer(text)
  return text .. '\n' .. (#freed > 0 and calls_to_wake() or '')
end

-- The record of this call is to be written, or written anew: until it is, nothing that is known of the call may go.
local function settle_record(after)
  redis.call('ZADD', ENDED, now + after, id)
  for _, key in ipairs({ENDED, CALL, TRACE}) do redis.call('EXPIRE', key, LIVES.ended) end
end

local function is_over()
  return redis.call('HEXISTS', CALL, 'ended') == 1
end

local function keep_trace()
  if #notes == 0 then return end
  if redis.call('RPUSH', TRACE, unpack(notes)) == #notes then redis.call('EXPIRE', TRACE, LIVES.trace) end
end
