-- leg: a device of an employee was picked up, or its conversation is over.
--
-- ARGV  besides: employee, status (the leg's CallStatus), talk (ms), taken (the note)
-- gives ['', JSON list of calls to wake]
--
-- Only in-progress and completed count: an employee's devices ring together, and one that was not picked up says
-- nothing about the others. A leg of an earlier ring, or one told too late, fits no mark and changes nothing.
local entry = entry_of(redis.call('HGET', BUSY, q.employee))
if entry and entry.id == q.id and entry.step == q.step then
  if q.status == 'in-progress' then
    redis.call('HSET', BUSY, q.employee, string.format('T %.0f %d %s', now + q.talk, q.step, q.id))
    release(q.employee)
    redis.call('HSET', CALL, 'held', cjson.encode({[q.employee] = held()[q.employee] or {}}), 'talking', q.employee)
    redis.call('EXPIRE', CALL, q.lives.call)
    if entry.state == 'R' then note(q.taken) end
    keep_trace()
  elseif q.status == 'completed' then
    free(q.employee, held()[q.employee] or {})
  end
end
return {'', calls_to_wake()}
