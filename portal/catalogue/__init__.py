"""What a kitchen buys and counts: items with their units, what suppliers call them, and what they cost."""
