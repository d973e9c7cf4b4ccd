"""Invoices from files: tables of any layout and electronic papers, looked at row by row before anything is written."""
