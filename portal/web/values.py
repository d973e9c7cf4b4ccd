"""Values from addresses and forms that may be anything."""

from uuid import UUID


def uuid_or_none(text: str | None) -> UUID | None:
    """The id that a text spells, or ``None``."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
