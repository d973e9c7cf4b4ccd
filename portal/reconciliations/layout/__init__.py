"""How a statement is laid out: columns, whose books they are, blocks and sums. Pure: rows of cells in, rows out."""
