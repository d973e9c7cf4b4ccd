"""What a developer's machine needs and a server does not: never imported by what serves."""
