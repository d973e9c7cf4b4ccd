"""The webhook of a channel: looked at, diagnosed, repaired."""
