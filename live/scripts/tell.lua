-- tell: add a note to the trace of a call, once.
--
-- ARGV  besides: key (the same when the provider repeats itself), taken (the note)
-- gives ['', '[]']
if redis.call('HSETNX', CALL, 'told:' .. q.key, '1') == 1 then
  note(q.taken)
  keep_trace()
  if is_over() then settle_record(SETTLES.over) end
  redis.call('EXPIRE', CALL, LIVES.call)
end
return {'', '[]'}
