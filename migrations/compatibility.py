"""Which versions may serve the database as it stands: a migration that ends an older one's use of it says so.

Such a migration has ``least_compatible = "00NN"``, the oldest revision whose version may still serve; one that only
adds says nothing. The newest that says something counts, and is kept in ``deployment.least_revision``.
"""

from collections.abc import Iterable
from types import ModuleType

from sqlalchemy import Connection, text

from portal.db.base import SCHEMA


def least_compatible(newest_first: Iterable[ModuleType]) -> str | None:
    """What the newest of those migrations says; ``None`` where all of them only add."""
    return next((module.least_compatible for module in newest_first if hasattr(module, "least_compatible")), None)


def note(connection: Connection, least_revision: str) -> None:
    """Keep it where the processes look before they start, if the database has come so far."""
    if connection.scalar(text(f"SELECT to_regclass('{SCHEMA}.deployment')")) is None:
        return
    connection.execute(
        text(f"UPDATE {SCHEMA}.deployment SET least_revision = :least WHERE least_revision <> :least"),
        {"least": least_revision},
    )
    connection.commit()
