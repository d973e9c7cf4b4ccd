"""Talking to a scenario without any messenger."""
