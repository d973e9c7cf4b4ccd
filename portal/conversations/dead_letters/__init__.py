"""What did not work and waits for somebody: messages that were not delivered, deliveries that broke."""
