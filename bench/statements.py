"""How long the comparison of a long statement takes: 2 000 rows against 20 000 invoices, written down."""
