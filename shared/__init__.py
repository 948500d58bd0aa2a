"""What the services have in common: messages, keys, streams, jobs, video reading. Imports none."""
