"""Deliveries: what came in at the back door."""
