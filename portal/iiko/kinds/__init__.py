"""The kinds of rows that come from iiko, each declared in a module of its own."""
