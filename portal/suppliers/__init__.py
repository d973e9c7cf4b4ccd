"""Suppliers, doubles of them that were merged, and how their files are laid out."""
