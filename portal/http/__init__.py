"""Calls to the outside: one guard, one client, one deadline."""
