"""Column types that the mapped classes share."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC without zone in the database, as the seed's columns are.

    A naive value is refused (``ValueError``): nobody can tell which zone it was meant in.
    """

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class LabelledEnum(StrEnum):
    """One of the few words that a column holds, each written with its label: ``BAR = "bar", _l("Bar")``."""

    label: Any

    def __new__(cls, value: str, label: Any = None) -> Self:
        """A member is its word; the label is translated where it is shown."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        """Every word with its label, for forms and filters."""
        return [(member.value, member.label) for member in cls]

    @classmethod
    def read(cls, value: str) -> "Self | OtherWord":
        """The member of a stored word; a word that another writer left is its own label."""
        try:
            return cls._value2member_map_[value]  # type: ignore[return-value]
        except KeyError:
            return OtherWord(value)

    @classmethod
    def words(cls) -> list[str]:
        """The stored words alone."""
        return [member.value for member in cls]


class OtherWord(str):
    """A word that the portal does not know, in a column that the seed leaves free."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """Itself."""
        return str(self)


class EnumText(TypeDecorator[LabelledEnum | OtherWord]):
    """A text column that gives out the members of a ``LabelledEnum``."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[LabelledEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> LabelledEnum | OtherWord | None:
        return None if value is None else self.enum.read(value)

    def shown(self, told: str) -> Any:
        """The label of a stored word. Lists and the audit log ask any column's type for this, where it has it."""
        return self.enum.read(told).label


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
