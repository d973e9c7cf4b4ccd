"""Checklists: what a new person still lacks before the first shift."""
