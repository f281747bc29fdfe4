-- finish: the call is over; everybody and everything that it held is free again. Safe to repeat.
--
-- ARGV  besides: status, taken (the note)
-- gives ['', JSON list of calls to wake]
release()
local queue = redis.call('HGET', CALL, 'queue')
if queue then leave(queue) end
redis.call('ZREM', CALLS, q.id)
-- Kept also for a call that we have not heard of: its first webhook may still be on its way.
if redis.call('HSETNX', CALL, 'ended', string.format('%.0f', now)) == 1 then
  redis.call('EXPIRE', CALL, LIVES.call)
  note(q.taken)
end
keep_trace()
return {'', calls_to_wake()}
