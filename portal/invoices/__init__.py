"""Invoices, their lines, and what about them waits for a decision."""
