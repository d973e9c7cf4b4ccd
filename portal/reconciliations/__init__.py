"""Statements of suppliers (акты сверки) beside our own invoices: what both hold, and what only one of them does."""
