-- leg: a device of an employee was picked up, or its conversation is over.
--
-- ARGV  besides: employee, status (the leg's CallStatus), talk (ms), taken and hung_up (the notes)
-- gives ['', JSON list of calls to wake]
--
-- Only in-progress and completed count: an employee's devices ring together, and one that was not picked up says
-- nothing about the others. A leg of an earlier ring, or one told too late, fits no mark and changes nothing; but whom
-- this call rings on the mobile although he talks on another call is marked as talking on this one once he picks up.
local entry, mine = entry_of(redis.call('HGET', BUSY, q.employee)), held()[q.employee]
local fits = entry and entry.id == q.id and entry.step == q.step
local elsewhere = entry and entry.id ~= q.id and redis.call('HGET', CALL, 'forwarded') == q.employee
if q.status == 'in-progress' and (fits or elsewhere) then
  if not is_over() then  -- nothing would take the mark of a call that has ended away again
    redis.call('HSET', BUSY, q.employee, string.format('T %.0f %d %s', now + q.talk, q.step, q.id))
    release(q.employee)
    redis.call('HSET', CALL, 'held', cjson.encode({[q.employee] = mine or {}}), 'talking', q.employee)
    redis.call('EXPIRE', CALL, LIVES.call)
  end
  if elsewhere or entry.state == 'R' then note(q.taken) end
elseif q.status == 'completed' and fits then
  free(q.employee, mine or {})
  if entry.state == 'T' then note(q.hung_up) end
end
keep_trace()
if #notes > 0 and is_over() then settle_record(SETTLES.over) end
return {'', calls_to_wake()}
