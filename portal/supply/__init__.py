"""What about supply waits for somebody, and what it costs."""
