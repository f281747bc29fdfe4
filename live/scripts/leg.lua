-- leg: a device of an employee was picked up, or its conversation is over.
--
-- ARGV  3 employee  4 step  5 status (the leg's CallStatus)  6 until when a conversation may last (ms)
--       7 and 8 the notes of one who picked up, and of one who hung up
-- gives ''
--
-- Only in-progress and completed count: an employee's devices ring together, and one that was not picked up says
-- nothing about the others. A leg of an earlier ring fits no mark and changes nothing. Whom this call rings, and whose
-- mark is another call's, is marked as talking on this one all the same once he picks up: he was rung on the mobile
-- while he talked, or it is told so late that his mark had run out and another call rings him. When he has left this
-- call, and still talks on the other, his mark is that of the other again. Of whom this call rang on the mobile it is
-- noted, once, even when the dial or the call is over, and his mark stays that of the other call.
local employee, step, status = kept_by('employees', ARGV[3]), ARGV[4], ARGV[5]
local entry, mine = entry_of(redis.call('HGET', BUSY, employee)), held()[employee]
local fits = entry and entry.id == id and entry.step == step

-- Whom this call has rung on the mobile.
local function forwarded()
  return kept_by('employees', redis.call('HGET', CALL, 'forwarded') or '')
end

local elsewhere = entry and entry.id ~= id and (mine or forwarded() == employee)
if status == 'in-progress' and (fits or elsewhere) then
  if (fits or mine) and not is_over() then
    if elsewhere and entry.state == 'T' then redis.call('HSET', CALL, 'before', redis.call('HGET', BUSY, employee)) end
    redis.call('HSET', BUSY, employee, 'T ' .. ARGV[6] .. ' ' .. step .. ' ' .. id)
    release(employee)
    redis.call('HSET', CALL, 'held', cjson.encode({[employee] = mine or {}}), 'talking', employee)
    redis.call('EXPIRE', CALL, LIVES.call)
  end
  local first = redis.call('HSETNX', CALL, 'told:leg:' .. step .. ':' .. employee, '1') == 1
  if first and (elsewhere or entry.state == 'R') then note(ARGV[7]) end
elseif status == 'completed' and elsewhere and mine then  -- he has left this call while he talks on the other one
  redis.call('HDEL', CALL, 'talking')
elseif status == 'completed' and fits then
  free(employee, mine or {})
  if entry.state == 'T' then note(ARGV[8]) end
end
keep_trace()
if #notes > 0 and is_over() then settle_record(SETTLES.over) end
return answer('')
