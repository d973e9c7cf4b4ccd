"""A scenario as a drawing and as a list."""
