"""Statements of suppliers beside our invoices."""
