-- settle: take the first option of a ladder that can be had, mark what it uses, note the trace. One webhook, one step.
--
-- ARGV  3 step  4 key  5 number  6 caller  7 until when somebody who is rung alone is busy (ms, '' by the ring)
--       8 frees  9 ended  10 accepts (each 1, or nothing)
--       11 … of each option: kind of its need ('' for none), the need (JSON), outcome (JSON), notes of it taken and
--       missed ('' for none), how many notes stand before it, and these
-- gives outcome JSON {at, index, who, position}
local STEP, NUMBER, CALLER, LONE, FREES, GONE, ACCEPTS = ARGV[3], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local FIRST, ASKED = 11, 'o:' .. ARGV[4]
local known = redis.call('HMGET', CALL, ASKED, 'started', 'queue', 'ended')
local first, started, queue, over = unpack(known)

-- A JSON object with more members.
local function with(text, members)
  return members and string.sub(text, 1, -2) .. ',' .. members .. '}' or text
end

-- What this webhook changes of its call, written in one go.
local changes = {}

local function change(field, value)
  changes[#changes + 1], changes[#changes + 2] = field, value
end

local function mark(employee, till)
  redis.call('HSET', BUSY, employee, 'R ' .. till .. ' ' .. STEP .. ' ' .. id)
  redis.call('EXPIRE', BUSY, LIVES.busy)
end

-- The provider asks again, because the first answer was lost or came too late: the ring begins only now.
local function ring_from_now()
  local at = FIRST
  for _ = 1, tonumber(string.match(first, '"index":(%d+)')) do
    at = at + 6 + (tonumber(ARGV[at + 5]) or 0)
  end
  local need = ARGV[at + 1] and ARGV[at + 1] ~= '' and cjson.decode(ARGV[at + 1]) or {}
  if not need.till then return end
  for employee in pairs(held()) do
    local entry = entry_of(redis.call('HGET', BUSY, employee))
    local rings = entry and entry.state == 'R' and entry.id == id and entry.step == STEP and entry.till > now
    if rings and entry.till < tonumber(need.till) then mark(employee, need.till) end
  end
end

if first then
  ring_from_now()
  return answer(first)
end

local function prune(need)
  local group = kept_by('groups', need.queue)
  local line, seen = TAG .. 'waiting:' .. group, TAG .. 'seen:' .. group
  for _, call in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - need.patience)) do
    redis.call('ZREM', line, call)
    redis.call('ZREM', seen, call)
  end
  return line, seen
end

local function my_ticket(group)
  return redis.call('HGET', CALL, 'queue') == group and redis.call('HGET', CALL, 'ticket')
end

-- What each kind of need takes: nil when it cannot be had, else what the outcome says besides ('' for nothing); then
-- what its note does.
local take = {}

function take.somebody_free(need)
  local function free_among(names)
    local free, reasons, told = {}, {}, 0
    local people = renamed and {} or names
    if renamed then
      for i, name in ipairs(names) do people[i] = kept_by('employees', name) end
    end
    local busy, away = redis.call('HMGET', BUSY, unpack(people)), redis.call('HMGET', AWAY, unpack(people))
    for i, name in ipairs(names) do
      local entry = entry_of(busy[i])
      local rung = entry and entry.till > now and (entry.state == 'T' and 'talking' or 'ringing')
      local why = away[i] and 'away' or rung
      if not why then
        free[#free + 1] = {name = name, key = people[i], index = i}
      elseif told < 11 then
        reasons[name], told = why, told + 1
      end
    end
    return free, reasons
  end

  local function before_me()
    local line = prune(need)
    local ticket = my_ticket(need.queue)
    if not ticket then return redis.call('ZCARD', line) end
    return redis.call('ZCOUNT', line, '-inf', '(' .. ticket)
  end

  local function idle_longer(a, b)
    if a.offered ~= b.offered then return a.offered < b.offered end
    return a.index < b.index
  end

  local function read_offers(free)
    local people = {}
    for i, member in ipairs(free) do people[i] = member.key end
    local offered = redis.call('ZMSCORE', OFFERED, unpack(people))
    for i, member in ipairs(free) do member.offered = tonumber(offered[i] or 0) end
  end

  local function longest_idle(free)
    local best = free[1]
    for _, member in ipairs(free) do
      if idle_longer(member, best) then best = member end
    end
    return best
  end

  -- `most` leaves somebody for each caller who waits before this one.
  local function pick(free, most)
    if need.distribution == 'in_order' then return {free[1]} end
    read_offers(free)
    if need.distribution == 'evenly' then return {longest_idle(free)} end
    table.sort(free, idle_longer)
    local picked, room = {}, need.room
    for _, member in ipairs(free) do
      local devices = need.devices[member.index]
      if devices <= room and #picked < most then
        picked[#picked + 1], room = member, room - devices
      end
    end
    return picked
  end

  local free, reasons = free_among(need.names)
  local ahead = need.queue ~= '' and before_me() or 0
  if #free <= ahead then
    if #free > 0 then reasons = {[free[1].name] = 'queue'} end
    return nil, next(reasons) and '"reasons":' .. cjson.encode(reasons)
  end
  local picked, who, rung = pick(free, #free - ahead), {}, {}
  for i, member in ipairs(picked) do
    mark(member.key, #picked == 1 and LONE ~= '' and LONE or need.till)
    redis.call('ZADD', OFFERED, redis.call('INCR', SEQUENCE), member.key)
    who[i], rung[member.key] = member.name, need.queues[member.name] or {}
  end
  redis.call('EXPIRE', OFFERED, LIVES.offered)
  redis.call('EXPIRE', SEQUENCE, LIVES.offered)
  change('held', cjson.encode(rung))
  if need.queue ~= '' then leave(need.queue) end
  local told = '"who":' .. cjson.encode(who)
  return told, told
end

function take.may_dial(need)
  local balance = need.minimum and tonumber(redis.call('GET', BALANCE) or nil)
  if balance and balance < need.minimum then return nil end
  if need.employee then
    local employee = kept_by('employees', need.employee)
    local entry = entry_of(redis.call('HGET', BUSY, employee))
    change('held', cjson.encode({[employee] = need.queues}))
    change('forwarded', employee)
    if not (entry and entry.till > now) then mark(employee, LONE ~= '' and LONE or need.till) end
  end
  return ''
end

function take.blocked()
  local till = tonumber(redis.call('HGET', BLOCKED, CALLER) or nil)
  return till and (till == 0 or till > now) and '' or nil
end

function take.picked_up()
  return redis.call('HGET', CALL, 'accepted') and '' or nil
end

function take.waits(need)
  local left = redis.call('HGET', CALL, 'queue')
  if left and left ~= need.queue then leave(left) end
  local line, seen = prune(need)
  local ticket = my_ticket(need.queue) or redis.call('INCR', SEQUENCE)
  redis.call('EXPIRE', SEQUENCE, LIVES.offered)
  redis.call('HSET', CALL, 'ticket', ticket, 'queue', need.queue, 'resume', need.resume)
  redis.call('ZADD', line, ticket, id)
  redis.call('ZADD', seen, ARGV[2], id)
  redis.call('EXPIRE', line, LIVES.waiting)
  redis.call('EXPIRE', seen, LIVES.waiting)
  queue = need.queue
  return '"position":' .. redis.call('ZRANK', line, id) + 1
end

-- Walk the ladder; gives the outcome, and the kind of need that was taken.
local function settle()
  local at = FIRST
  while ARGV[at] do
    local kind, count = ARGV[at], tonumber(ARGV[at + 5])
    for i = at + 6, at + 5 + count do note(ARGV[i]) end
    local got, more = '', nil
    if kind ~= '' then got, more = take[kind](ARGV[at + 1] ~= '' and cjson.decode(ARGV[at + 1])) end
    local said = got and ARGV[at + 3] or ARGV[at + 4]
    if said ~= '' then note(with(said, more)) end
    if got then return with(ARGV[at + 2], got ~= '' and got or nil), kind end
    at = at + 6 + count
  end
  error('a ladder without an end')
end

-- The first webhook of a call: who calls, and how long what is known of it may live.
local function begin()
  change('number', NUMBER)
  change('caller', CALLER)
  change('started', ARGV[2])
end

-- Asked at the entrance once more, and not the same: other settings were published between the provider's attempts.
if FREES == '1' or (started and STEP == '1') then release() redis.call('HDEL', CALL, 'held') end
if ACCEPTS == '1' then redis.call('HSET', CALL, 'accepted', '1') end
local outcome, kind = settle()
change(ASKED, outcome)
if not started then begin() end
redis.call('HSET', CALL, unpack(changes))
if not started then redis.call('EXPIRE', CALL, LIVES.call) end
-- The end of a call may be told before its last request arrives: nobody is held for it then.
if over then release() end
if queue and (over or kind ~= 'waits') then leave(queue) end
if over or GONE == '1' then
  redis.call('ZREM', CALLS, id)
  if not over then redis.call('HSET', CALL, 'gone', ARGV[2]) end
elseif redis.call('ZADD', CALLS, ARGV[2], id) == 1 then
  redis.call('EXPIRE', CALLS, LIVES.call)
end
keep_trace()
if over or GONE == '1' then settle_record(over and SETTLES.over or SETTLES.gone) end
return answer(outcome)
