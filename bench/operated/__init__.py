"""The portal as it is run: two machines of web, two workers, a proxy, a pooler, and everything that goes wrong."""
