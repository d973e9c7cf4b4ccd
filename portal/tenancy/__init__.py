"""The current account and the two walls that keep it apart from the others."""
