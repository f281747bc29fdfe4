-- settle: take the first option of a ladder that can be had, mark what it uses, note the trace. One webhook, one step.
--
-- ARGV  besides: key, number, caller, frees, ended, accepts, lone (ms),
--       options [{need {kind, …}, before [which of ARGV], taken, missed}]
--       2 … the notes of these options, in JSON
-- gives [outcome JSON {index, at, who, position}, JSON list of calls to wake]
local known = redis.call('HMGET', CALL, 'o:' .. q.key, 'started', 'queue', 'ended')
local first, started, queue, over = unpack(known)
if first then return {first, '[]'} end

local function add(which, more)
  if not which then return end
  local text = ARGV[which]
  if more then text = string.sub(text, 1, -2) .. ',' .. string.sub(cjson.encode(more), 2) end
  notes[#notes + 1] = text
end

-- What this webhook changes of its call, written in one go.
local changes = {}

local function change(field, value)
  changes[#changes + 1], changes[#changes + 2] = field, value
end

local function mark(employee, ms)
  redis.call('HSET', BUSY, employee, string.format('R %.0f %d %s', now + ms, q.step, q.id))
  redis.call('EXPIRE', BUSY, LIVES.busy)
end

local function prune(need)
  local line, seen = TAG .. 'waiting:' .. need.queue, TAG .. 'seen:' .. need.queue
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - need.patience)) do
    redis.call('ZREM', line, id)
    redis.call('ZREM', seen, id)
  end
  return line, seen
end

local function my_ticket(group)
  return redis.call('HGET', CALL, 'queue') == group and redis.call('HGET', CALL, 'ticket')
end

local function before_me(need)
  local line = prune(need)
  local ticket = my_ticket(need.queue)
  if not ticket then return redis.call('ZCARD', line) end
  return redis.call('ZCOUNT', line, '-inf', '(' .. ticket)
end

local function free_among(need)
  local names, free, reasons, told = need.names, {}, {}, 0
  local busy, away = redis.call('HMGET', BUSY, unpack(names)), redis.call('HMGET', AWAY, unpack(names))
  for i, name in ipairs(names) do
    local entry = busy[i] and entry_of(busy[i])
    local why = (away[i] and 'away') or (entry and entry.till > now and (entry.state == 'T' and 'talking' or 'ringing'))
    if not why then
      free[#free + 1] = {name = name, devices = need.devices[i], index = i}
    elseif told < 11 then
      reasons[name], told = why, told + 1
    end
  end
  return free, reasons
end

local function read_offers(free)
  local names = {}
  for i, member in ipairs(free) do names[i] = member.name end
  local offered = redis.call('ZMSCORE', OFFERED, unpack(names))
  for i, member in ipairs(free) do member.offered = tonumber(offered[i] or 0) end
end

local function idle_longer(a, b)
  if a.offered ~= b.offered then return a.offered < b.offered end
  return a.index < b.index
end

local function longest_idle(free)
  local best = free[1]
  for _, member in ipairs(free) do
    if idle_longer(member, best) then best = member end
  end
  return best
end

-- `most` leaves somebody for each caller who waits before this one.
local function pick(free, need, most)
  if need.distribution == 'in_order' then return {free[1]} end
  read_offers(free)
  if need.distribution == 'evenly' then return {longest_idle(free)} end
  table.sort(free, idle_longer)
  local picked, room = {}, need.room
  for _, member in ipairs(free) do
    if member.devices <= room and #picked < most then
      picked[#picked + 1], room = member, room - member.devices
    end
  end
  return picked
end

local take = {}

function take.somebody_free(need)
  local free, reasons = free_among(need)
  local ahead = need.queue ~= '' and before_me(need) or 0
  if #free <= ahead then
    if #free > 0 then reasons = {[free[1].name] = 'queue'} end
    return nil, next(reasons) and {reasons = reasons} or nil
  end
  local picked, who, rung = pick(free, need, #free - ahead), {}, {}
  for i, member in ipairs(picked) do
    mark(member.name, #picked == 1 and q.lone > 0 and q.lone or need.ms)
    redis.call('ZADD', OFFERED, redis.call('INCR', SEQUENCE), member.name)
    who[i], rung[member.name] = member.name, need.queues[member.name] or {}
  end
  redis.call('EXPIRE', OFFERED, LIVES.offered)
  redis.call('EXPIRE', SEQUENCE, LIVES.offered)
  change('held', cjson.encode(rung))
  if need.queue ~= '' then leave(need.queue) end
  return {who = who}, {who = who}
end

function take.may_dial(need)
  local balance = need.minimum and tonumber(redis.call('GET', BALANCE) or nil)
  if balance and balance < need.minimum then return nil end
  if need.employee ~= '' then
    local entry = entry_of(redis.call('HGET', BUSY, need.employee))
    change('held', cjson.encode({[need.employee] = need.queues}))
    change('forwarded', need.employee)
    if not (entry and entry.till > now) then mark(need.employee, q.lone > 0 and q.lone or need.ms) end
  end
  return {}
end

function take.blocked(need)
  local till = tonumber(redis.call('HGET', BLOCKED, need.caller) or nil)
  return till and (till == 0 or till > now) and {} or nil
end

function take.picked_up()
  return redis.call('HGET', CALL, 'accepted') and {} or nil
end

function take.waits(need)
  local left = redis.call('HGET', CALL, 'queue')
  if left and left ~= need.queue then leave(left) end
  local line, seen = prune(need)
  local ticket = my_ticket(need.queue) or redis.call('INCR', SEQUENCE)
  redis.call('EXPIRE', SEQUENCE, LIVES.offered)
  redis.call('HSET', CALL, 'ticket', ticket, 'queue', need.queue, 'resume', need.resume)
  redis.call('ZADD', line, ticket, q.id)
  redis.call('ZADD', seen, now, q.id)
  redis.call('EXPIRE', line, LIVES.waiting)
  redis.call('EXPIRE', seen, LIVES.waiting)
  return {position = redis.call('ZRANK', line, q.id) + 1}
end

local function settle()
  for i, option in ipairs(q.options) do
    for _, which in ipairs(option.before) do add(which) end
    local need = option.need
    local result, more = {}, nil
    if need then result, more = take[need.kind](need) end
    if result then
      add(option.taken, more)
      return i - 1, result
    end
    add(option.missed, more)
  end
  error('a ladder without an end')
end

-- The first webhook of a call: how long it may live.
local function begin()
  redis.call('EXPIRE', CALL, LIVES.call)
  redis.call('ZREMRANGEBYSCORE', CALLS, '-inf', now - LIVES.call * 1000)  -- whose end was never told
end

if q.frees then release() redis.call('HDEL', CALL, 'held') end
if q.accepts then redis.call('HSET', CALL, 'accepted', '1') end
local index, outcome = settle()
outcome.index, outcome.at = index, now
local text = cjson.encode(outcome)
change('o:' .. q.key, text)
if not started then
  change('number', q.number)
  change('caller', q.caller)
  change('started', string.format('%.0f', now))
end
redis.call('HSET', CALL, unpack(changes))
if not started then begin() end
local need = q.options[index + 1].need
-- The end of a call may be told before its last request arrives: nobody is held for it then.
if over then release() end
if need and need.kind == 'waits' then queue = need.queue end
if queue and (over or not (need and need.kind == 'waits')) then leave(queue) end
if over or q.ended then
  redis.call('ZREM', CALLS, q.id)
  if not over then redis.call('HSET', CALL, 'gone', string.format('%.0f', now)) end
else
  if redis.call('ZADD', CALLS, now, q.id) == 1 then redis.call('EXPIRE', CALLS, LIVES.call) end
end
keep_trace()
if over or q.ended then settle_record(over and SETTLES.over or SETTLES.gone) end
return {text, calls_to_wake()}
