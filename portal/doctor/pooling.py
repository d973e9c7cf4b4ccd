"""Whether a pooler stands before the database, and pools as the settings say."""

from collections.abc import Iterator

import psycopg

from config import Config
from portal.db.connecting import connect
from portal.doctor.settings import Finding

PROBE = "getinn.pooling_probe"


def pooling_findings(config: Config) -> Iterator[Finding]:
    """Raises ``psycopg.OperationalError`` where the database cannot be reached."""
    if config.pooler == "transaction":
        return
    with connect(config, autocommit=True) as first:
        if config.pooler == "none" and not _has_path(first, config.database_schema):
            yield Finding(
                "refuse",
                "What a connection is told at its start does not arrive: a pooler leaves it out.",
                "Set DATABASE_POOLER=transaction (or session), as the pooler pools.",
            )
        elif _is_shared(config, first):
            yield Finding(
                "refuse",
                "A pooler gives one connection of the database to several in turn.",
                "Set DATABASE_POOLER=transaction, or let it pool by session.",
            )


def _has_path(line: psycopg.Connection[object], schema: str) -> bool:
    row = line.execute("SELECT current_setting('search_path')").fetchone()
    return row is not None and f"{schema}_jobs" in str(row)


def _is_shared(config: Config, first: psycopg.Connection[object]) -> bool:
    """Whether a second client meets what the first one has set for its session."""
    first.execute(f"SELECT set_config('{PROBE}', 'seen', false)")
    try:
        with connect(config, autocommit=True) as second:
            row = second.execute(f"SELECT current_setting('{PROBE}', true)").fetchone()
            return row is not None and "seen" in str(row)
    finally:
        first.execute(f"SELECT set_config('{PROBE}', '', false)")
