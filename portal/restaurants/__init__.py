"""Restaurants of a chain."""
