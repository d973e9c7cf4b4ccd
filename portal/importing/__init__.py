"""Rows from a spreadsheet: read apart, judged row by row, applied at once, undone within days."""
