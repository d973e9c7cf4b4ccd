"""iiko, the restaurant back office that a chain's data come from."""
