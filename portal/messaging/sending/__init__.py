"""What bots and colleagues say: claimed, sent, and its fate noted."""
