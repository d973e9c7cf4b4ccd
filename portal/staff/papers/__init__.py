"""Papers of people: what kinds there are, whose are valid until when."""
