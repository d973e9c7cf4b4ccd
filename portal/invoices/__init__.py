"""Invoices: what suppliers' papers say, whether it is right, and what is to be decided."""
