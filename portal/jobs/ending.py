"""Whether this process was told to end: long jobs ask between their steps."""

import threading

_ending = threading.Event()


def begin_to_end() -> None:
    """Tell every job of this process that nothing new is to be begun."""
    _ending.set()


def is_ending() -> bool:
    """Whether the process ends within seconds: what can go on elsewhere is left now."""
    return _ending.is_set()
