"""Two chains to look around in."""
