"""iiko, the restaurant's back office: its client, its seats, and what is read, compared and applied."""
