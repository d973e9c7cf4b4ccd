"""Which migrations this version of the portal knows, and what the database's say about it."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Literal

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

Standing = Literal["current", "compatible", "behind", "ahead"]


@lru_cache(maxsize=8)
def scripts(folder: Path = MIGRATIONS) -> tuple[frozenset[str], frozenset[str]]:
    """All revisions of a folder, and the last ones; read once."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(folder).replace("%", "%%"))
    directory = ScriptDirectory.from_config(settings)
    return frozenset(script.revision for script in directory.walk_revisions()), frozenset(directory.get_heads())


def standing(present: Collection[str], least: str | None, folder: Path = MIGRATIONS) -> Standing:
    """Where a database stands to this version.

    ``least`` is what the database says: which revision a version has to know that may still serve. A database
    ahead of this version is ``compatible`` where it is among the known ones.
    """
    known, heads = scripts(folder)
    if set(present) == heads:
        return "current"
    if set(present) <= known:
        return "behind"
    return "compatible" if least in known else "ahead"
