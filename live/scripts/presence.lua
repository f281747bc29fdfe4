-- presence: an employee is available, or away.
--
-- ARGV  3 employee  4 away (1, or nothing)  5 … groups whose callers wait for him
-- gives ''
if ARGV[4] == '1' then
  redis.call('HSET', AWAY, ARGV[3], ARGV[2])
elseif redis.call('HDEL', AWAY, ARGV[3]) == 1 then
  freed[1] = {unpack(ARGV, 5)}
end
redis.call('EXPIRE', AWAY, LIVES.offered)
return answer('')
