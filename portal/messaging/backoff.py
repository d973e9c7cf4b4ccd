"""How long to wait before the next try: longer each time, up to a cap, and never all at the same moment."""

import random
from datetime import timedelta

# After so many tries an update or a message is a dead letter.
MAX_TRIES = 5
MAX_SECONDS = 60.0


def wait_after(failures: int, *, first: float = 1.0, factor: float = 2.0, longest: float = MAX_SECONDS) -> float:
    """Seconds to wait after that many failures in a row: 1, 2, 4, 8 …, each up to a quarter longer."""
    plain = min(first * factor ** min(max(failures - 1, 0), 32), longest)
    return plain * random.uniform(1.0, 1.25)  # noqa: S311 (it spreads load, it hides nothing)


def delay_after(failures: int, **shape: float) -> timedelta:
    """The same as a span of time."""
    return timedelta(seconds=wait_after(failures, **shape))
