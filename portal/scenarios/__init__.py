"""Scenarios: what a bot says and asks, as restaurants write it in JSON."""
