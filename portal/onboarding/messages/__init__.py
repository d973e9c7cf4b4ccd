"""What people are told of their checklist through the bot."""
