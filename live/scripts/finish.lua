-- finish: the call is over; everybody and everything that it held is free again. Safe to repeat.
--
-- ARGV  3 when it ended (ms)  4 the note of it
-- gives JSON {fields [name, value, …], trace [JSON note]}
release()
local queue = redis.call('HGET', CALL, 'queue')
if queue then leave(queue) end
redis.call('ZREM', CALLS, id)
-- Here, where no caller waits for the answer, go those too whose end was never told.
redis.call('ZREMRANGEBYSCORE', CALLS, '-inf', now - LIVES.call * 1000)
-- Kept also for a call that we have not heard of: its first webhook may still be on its way.
local first = redis.call('HSETNX', CALL, 'ended', ARGV[3]) == 1
if first then note(ARGV[4]) end
keep_trace()
if first then settle_record(SETTLES.over) end
local fields, trace = redis.call('HGETALL', CALL), redis.call('LRANGE', TRACE, 0, -1)
return answer(cjson.encode({fields = fields, trace = trace}))
