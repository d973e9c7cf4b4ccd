"""Notices: what happened in a chain that somebody should know of, in the portal and by mail."""
