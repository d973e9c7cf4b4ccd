"""Two chains to look around in: ``flask demo``."""
