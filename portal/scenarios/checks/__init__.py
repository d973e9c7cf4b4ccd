"""What is wrong with a scenario."""
