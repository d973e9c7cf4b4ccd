"""Why the database cannot be reached, or does not answer, in plain words."""

import re

from portal.doctor.settings import Finding

ROLES = "docs/deploy.md, Database roles, shows how to make it."

# What libpq and the server say, in the order in which it is looked for, and what it means.
_MEANINGS = (
    (r"(translate host name|name or service not known|failed to resolve|no address associated|nodename nor servname)",
     "DATABASE_URL names a host that does not exist.", "Correct the host, or the name service of this machine."),
    (r"(connection refused|no such file or directory)",
     "Nothing listens where DATABASE_URL points to.", "Correct host and port, or start PostgreSQL there."),
    (r"(timeout expired|does not answer in time|timed out)",
     "The database does not answer in time.", "Is the host right, and does a firewall let this machine through?"),
    (r"(password authentication failed|no password supplied|sasl authentication|authentication failed)",
     "The database does not accept the role's password in DATABASE_URL.", "Correct role and password."),
    (r'role "[^"]*" does not exist', "DATABASE_URL names a role that does not exist.", ROLES),
    (r'database "[^"]*" does not exist', "DATABASE_URL names a database that does not exist.", ROLES),
    (r"(unsupported startup parameter|unsupported options startup)",
     "A pooler stands before the database, and refuses what a connection is told at its start.",
     "Set DATABASE_POOLER=transaction (or session), as the pooler pools."),
    (r"(too many connections|too many clients|remaining connection slots|no more connections)",
     "The database has no free connection.", "Raise max_connections, or lower WEB_POOL and WORKER_POOL."),
    (r"(no pg_hba\.conf entry|requires ssl|server does not support ssl)",
     "The database does not let this machine, role or kind of connection in.", "See pg_hba.conf there, and sslmode."),
    (r"starting up", "The database is starting.", "Try again in a moment."),
    (r"(read-only transaction|recovery)", "The database is a standby: it can only be read.", "Connect to its primary."),
    (r"permission denied", "The database refuses the portal's role what it needs.", ROLES),
)  # fmt: skip


def unreachable(error: BaseException) -> Finding:
    """A finding for an error of the driver's; of one that nobody has foreseen its own first line."""
    told = str(error)
    for pattern, message, remedy in _MEANINGS:
        if re.search(pattern, told, re.IGNORECASE):
            return Finding("refuse", message, remedy)
    first = " ".join((told.splitlines() or [type(error).__name__])[0].split())[:200]
    return Finding("refuse", f"The database cannot be used: {first}.", "docs/deploy.md, First installation.")
