"""What a person types: `app` is the command line, and each command has a module of its own."""
