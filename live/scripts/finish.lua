-- finish: the call is over; everybody and everything that it held is free again. Safe to repeat.
--
-- ARGV  besides: taken (the note), ended (ms: when it ended)
-- gives [JSON {fields [name, value, …], trace [JSON note]}, JSON list of calls to wake]
release()
local queue = redis.call('HGET', CALL, 'queue')
if queue then leave(queue) end
redis.call('ZREM', CALLS, q.id)
-- Kept also for a call that we have not heard of: its first webhook may still be on its way.
local first = redis.call('HSETNX', CALL, 'ended', string.format('%.0f', q.ended)) == 1
if first then note(q.taken) end
keep_trace()
if first then settle_record(SETTLES.over) end
local fields, trace = redis.call('HGETALL', CALL), redis.call('LRANGE', TRACE, 0, -1)
return {cjson.encode({fields = fields, trace = trace}), calls_to_wake()}
