"""The traffic of messages: the part of the worker that advances conversations and speaks to the platforms."""
