"""What the server is told of how to read, where it cannot know."""

from collections.abc import Iterator
from contextlib import contextmanager

from portal.db.cursor import execute


@contextmanager
def after_many_rows() -> Iterator[None]:
    """Statements over what this transaction has just written by the hundreds.

    The server's figures are from before: it believes that there are few rows, and would look all of them through for
    each one (hours for ten thousand). Whatever may be joined by hashing is.
    """
    execute(b"SET LOCAL enable_nestloop = off")
    yield
    execute(b"SET LOCAL enable_nestloop = on")
