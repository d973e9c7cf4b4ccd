"""Keys of advisory locks that more than one room looks at."""

# The first half of the key of the lock that a living worker holds; the second half is its number.
WORKER_PRESENCE = 0x67657469
