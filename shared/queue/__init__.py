"""What passes through Redis: keys, streams, job records, tasks; and the loop of a worker."""
