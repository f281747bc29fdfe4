-- settled: the record of a call has been written; it is off the list unless something was told of it meanwhile.
--
-- KEYS  1 ended  2 call:ID  3 trace:ID
-- ARGV  1 call  2 the score under which it was taken from the list  3 and 4 how long call and trace live on (s)
-- gives 1 when it is off the list, else 0
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('EXPIRE', KEYS[2], tonumber(ARGV[3]))
redis.call('EXPIRE', KEYS[3], tonumber(ARGV[4]))
return redis.call('ZREM', KEYS[1], ARGV[1])
