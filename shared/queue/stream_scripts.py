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
