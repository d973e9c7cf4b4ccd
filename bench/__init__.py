"""Measurements: ours against a floor written by hand, side by side in one run."""
