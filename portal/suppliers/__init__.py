"""Suppliers: whom a chain buys from, and the doubles among them."""
