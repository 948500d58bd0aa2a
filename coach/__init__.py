"""What a person types: one module a command, and the local runner behind `analyze` and `demo`."""
