"""Changes of a job that are one step at the server, as Lua scripts.

The job is checked and changed at once, so that nothing is added to a job that has ended meanwhile:
that would stay in Redis for ever. Scripts that make room, or take no more than they free, also run
while the server's memory is full (`allow-oom`).
"""

#: Beginning of a script that returns 0 unless the job KEYS[1] is queued or running.
_IF_ACTIVE = """#!lua flags=allow-oom
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'running' then
  return 0
end
"""

#: Change a job's state, if it is in one of the allowed states.
#:
#: Keys:
#:     KEYS[1]  coach:job:<id>     hash: reads `state`; writes `state` and the given fields
#:     KEYS[2]  coach:jobs:active  set: the id is added
#: Arguments:
#:     ARGV[1]  id of the job
#:     ARGV[2]  new state: queued or running
#:     ARGV[3]  allowed old states, separated by spaces
#:     ARGV[4…] further fields to set: field, value, field, value, …
#: A job that is set running for the first time gets `started_s`, the server's time.
#: Returns 1 if the state was changed, 0 if the job is unknown or in another state.
CHANGE_STATE = """#!lua flags=allow-oom
local state = redis.call('HGET', KEYS[1], 'state')
if not state or not string.find(' ' .. ARGV[3] .. ' ', ' ' .. state .. ' ', 1, true) then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[2], unpack(ARGV, 4))
redis.call('PERSIST', KEYS[1])
if ARGV[2] == 'running' and tonumber(redis.call('HGET', KEYS[1], 'started_s') or 0) == 0 then
  redis.call('HSET', KEYS[1], 'started_s', redis.call('TIME')[1])
end
redis.call('SADD', KEYS[2], ARGV[1])
return 1
"""

#: End an active job: set its state, and delete what is not needed any more.
#:
#: Keys:
#:     KEYS[1]  coach:job:<id>     hash: its record, which expires
#:     KEYS[2]  coach:jobs:active  set: the id is removed
#:     KEYS[3]  coach:jobs         sorted set: jobs from before ARGV[4] are removed
#:     KEYS[4]  coach:job:<id>:sent   hash: its messages are deleted from their streams
#:     KEYS[5], KEYS[6]  keys that are deleted
#:     KEYS[7…] keys with results, deleted too, unless ARGV[5] says how long they are kept
#: Arguments:
#:     ARGV[1]  id of the job
#:     ARGV[2]  new state
#:     ARGV[3]  time after which the record expires, seconds
#:     ARGV[4]  Unix time, seconds
#:     ARGV[5]  time after which results expire, seconds; 0 deletes them
#:     ARGV[6…] further fields to set
#: The job leaves its batch too, where it runs or waits.
#: Returns 1 if the job was active, else 0.
END = (
    _IF_ACTIVE
    + """
redis.call('HSET', KEYS[1], 'state', ARGV[2], unpack(ARGV, 6))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], 0, ARGV[4])
local batch = redis.call('HGET', KEYS[1], 'batch')
if batch and batch ~= '' then
  redis.call('SREM', 'coach:batch:' .. batch .. ':running', ARGV[1])
  local waiting = 'coach:batch:' .. batch .. ':waiting'
  if redis.call('ZREM', waiting, ARGV[1]) == 1 and redis.call('EXISTS', waiting) == 0 then
    redis.call('SREM', 'coach:batches', batch)
  end
end
for _, place in ipairs(redis.call('HVALS', KEYS[4])) do
  local stream, id = string.match(place, '^(.*) (.*)$')
  redis.call('XDEL', stream, id)
end
redis.call('DEL', KEYS[4], KEYS[5], KEYS[6])
for key = 7, #KEYS do
  if ARGV[5] == '0' then
    redis.call('DEL', KEYS[key])
  else
    redis.call('EXPIRE', KEYS[key], ARGV[5])
  end
end
return 1
"""
)

#: Set fields of a record, if there is one. KEYS[1]: coach:job:<id>. ARGV: field, value, …
UPDATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], unpack(ARGV))
end
"""

#: Delete KEYS[2…], if the job KEYS[1] is done or cancelled. (A failed one may be resumed.)
DROP_LEFTOVERS = """
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'done' or state == 'cancelled' then
  redis.call('DEL', unpack(KEYS, 2))
end
"""

#: Delete all keys of a job that has ended, or has no record any more.
#:
#: Keys: KEYS[1] coach:jobs, KEYS[2] coach:job:<id>, KEYS[3…] its other keys
#: Arguments: ARGV[1] id of the job
#: Returns 1 if it was deleted, 0 if the job is queued or running.
FORGET = """
local state = redis.call('HGET', KEYS[2], 'state')
if state == 'queued' or state == 'running' then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', unpack(KEYS, 2))
return 1
"""

#: Store a chunk's result, and wake the decoder.
#:
#: Keys: KEYS[1] coach:job:<id>, KEYS[2] coach:job:<id>:results, KEYS[3] coach:job:<id>:doorbell
#: Arguments: ARGV[1] number of the chunk, ARGV[2] Unix time, seconds, ARGV[3] time to keep,
#:     seconds, ARGV[4] the result
#: Returns 1 if the job has all its results now, else 0.
STORE_RESULT = (
    _IF_ACTIVE
    + """
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('LPUSH', KEYS[3], '')
redis.call('LTRIM', KEYS[3], 0, 0)
redis.call('EXPIRE', KEYS[3], ARGV[3])
redis.call('HSET', KEYS[1], 'progress_s', ARGV[2])
local chunks = tonumber(redis.call('HGET', KEYS[1], 'chunks') or -1)
return redis.call('HLEN', KEYS[2]) == chunks and 1 or 0
"""
)

#: Store the number of chunks, and why the frames ended.
#:
#: Keys: KEYS[1] coach:job:<id>, KEYS[2] coach:job:<id>:results
#: Arguments: ARGV[1] number of chunks, ARGV[2] Unix time, seconds, ARGV[3] why the frames ended
#: Returns 1 if the job has all its results now, else 0.
STORE_END = (
    _IF_ACTIVE
    + """
redis.call('HSET', KEYS[1], 'chunks', ARGV[1], 'end_reason', ARGV[3], 'progress_s', ARGV[2])
return redis.call('HLEN', KEYS[2]) == tonumber(ARGV[1]) and 1 or 0
"""
)
