"""The kinds of iiko's rows, one module each; ``KINDS`` are all of them in the order in which they are written."""

from portal.iiko.sync.kinds import KINDS

__all__ = ["KINDS"]
