"""Which row of a statement is which of our invoices. Pure: it knows numbers, days and amounts, and no database."""
