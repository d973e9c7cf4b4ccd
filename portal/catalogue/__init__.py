"""Units, items, what suppliers call them, and what they cost."""
