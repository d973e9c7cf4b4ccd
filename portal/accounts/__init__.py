"""Accounts: the chains, and the superusers' way into them."""
