"""Seats of iiko's licence: one server at a time, and each seat comes back."""
