"""The gate that everything outgoing passes: calls of every kind, mail, writing into the bucket.

While a deployment rests it is closed. Whatever makes things leave asks ``rests`` first and lets its rows wait; the
gate itself stands in the transports, so that nothing slips through that did not ask.
"""

from collections.abc import Callable

import psycopg


class DeploymentRests(Exception):
    """Nothing may leave this deployment now; what was to leave waits."""


_asks: Callable[[], bool] | None = None


def govern(asks: Callable[[], bool] | None) -> None:
    """Let ``asks`` say whether this process's deployment rests; ``None`` leaves the gate open."""
    global _asks
    _asks = asks


def rests() -> bool:
    """Whether nothing may leave; where the database cannot tell, nothing does."""
    if _asks is None:
        return False
    try:
        return _asks()
    except psycopg.Error:
        return True


def pass_gate() -> None:
    """Raises ``DeploymentRests`` while nothing may leave."""
    if rests():
        raise DeploymentRests
