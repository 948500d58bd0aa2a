"""Steps of a consumer that are one step at the server, as Lua scripts."""

#: Execute commands in one step, also while the server's memory is full.
#:
#: Keys: those of the commands.
#: Arguments: for each command the number of its parts, then the parts.
EXECUTE_WHEN_FULL = """#!lua flags=allow-oom
local at = 1
while at <= #ARGV do
  local size = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + size))
  at = at + size + 1
end
"""


#: Read a new message of the first stream that has one.
#:
#: Keys: the streams, in the order in which to look at them.
#: Arguments: ARGV[1] the consumer group, ARGV[2] name of the consumer.
#: Returns what XREADGROUP returns; nil if there is no message.
READ_FIRST = """#!lua flags=allow-oom
for _, stream in ipairs(KEYS) do
  local found = redis.call(
    'XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1, 'STREAMS', stream, '>')
  if found then
    return found
  end
end
return false
"""
