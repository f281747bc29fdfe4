-- tell: add the notes of one moment to the trace of a call, once.
--
-- ARGV  3 key (the same when the provider repeats itself)  4 … the notes
-- gives ''
if redis.call('HSETNX', CALL, 'told:' .. ARGV[3], '1') == 1 then
  for i = 4, #ARGV do note(ARGV[i]) end
  keep_trace()
  redis.call('EXPIRE', CALL, LIVES.call)
  -- Also for a call of which nothing else is known here: it may be on file, and forgotten by a server that was lost.
  local known = redis.call('HEXISTS', CALL, 'started') == 1
  if is_over() or not known then settle_record(known and SETTLES.over or SETTLES.gone) end
end
return answer('')
