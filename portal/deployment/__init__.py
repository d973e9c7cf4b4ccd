"""Which deployment a database belongs to, which versions may serve it, and whether anything may leave it."""
