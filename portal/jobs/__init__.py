"""Work that outlives a request: the queue on the same PostgreSQL, its jobs and its schedule."""
