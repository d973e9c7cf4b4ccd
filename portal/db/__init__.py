"""The database seen from Python: metadata, mapped types, secrets, unit of work, embedded server."""
