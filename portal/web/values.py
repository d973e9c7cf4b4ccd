"""Values from addresses and forms that may be anything."""

import re
from uuid import UUID

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which PostgreSQL cannot hold."""
    return _UNSTORABLE.sub("", text)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text as it is."""
    return _UNSTORABLE.search(text) is None


def escape_like(text: str) -> str:
    """The text as a LIKE pattern that matches itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def uuid_or_none(text: str | None) -> UUID | None:
    """The id that a text spells, or ``None``."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
