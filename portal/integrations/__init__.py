"""Connections of an account to other systems."""
