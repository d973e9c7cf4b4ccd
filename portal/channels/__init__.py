"""Channels: a bot on a messenger, with its credentials, switch and webhook."""
