"""Conversations of a bot with the people who write to it."""
