"""The messengers a bot can speak on, each behind the same protocol."""
