"""Bots of a chain: instances, platforms, scenarios and conversations."""
