-- settled: the record of a call has been written; it is off the list unless something was told of it meanwhile.
--
-- KEYS  1 ended
-- ARGV  1 call  2 the score under which it was taken from the list
-- gives 1 when it is off the list, else 0
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
