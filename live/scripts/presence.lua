-- presence: an employee is available, or away.
--
-- ARGV  besides: employee, away (boolean), queues [group]
-- gives ['', JSON list of calls to wake]
if q.away then
  redis.call('HSET', AWAY, q.employee, string.format('%.0f', now))
elseif redis.call('HDEL', AWAY, q.employee) == 1 then
  freed[1] = q.queues
end
redis.call('EXPIRE', AWAY, LIVES.offered)
return {'', calls_to_wake()}
