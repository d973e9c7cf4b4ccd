"""The legal entities of a chain."""
