"""Signing in and out, sessions, links that reset a password or accept an invitation."""
