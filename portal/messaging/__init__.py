"""Messages between people and bots: what is exchanged, received and sent."""
