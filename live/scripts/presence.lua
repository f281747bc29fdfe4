-- presence: an employee is available, or away.
--
-- ARGV  3 employee  4 away (1, or nothing)  5 … groups whose callers wait for him
-- gives ''
local employee = kept_by('employees', ARGV[3])
if ARGV[4] == '1' then
  redis.call('HSET', AWAY, employee, ARGV[2])
elseif redis.call('HDEL', AWAY, employee) == 1 then
  freed[1] = {unpack(ARGV, 5)}
end
redis.call('EXPIRE', AWAY, LIVES.offered)
return answer('')
