"""The messengers that a bot can speak on, each behind the same protocol."""
