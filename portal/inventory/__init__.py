"""Stock: movements, balances, counts."""
