"""The overview: how a chain stands, on one page."""
