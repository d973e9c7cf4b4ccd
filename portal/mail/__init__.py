"""Mail: handed to a server, and what became of each one."""
