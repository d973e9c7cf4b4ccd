"""A scenario as its author wrote it."""
