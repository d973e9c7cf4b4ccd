"""Column types that the mapped classes share."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import DateTime, Dialect, Numeric, String
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

    def __new__(cls, value: str, label: Any) -> Self:
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


class ExactNumber(TypeDecorator[Decimal]):
    """A ``Decimal`` of so many digits, ``scale`` of them behind the point.

    Refused (``ValueError``) is what would not be exact: a float, what is no number, and more decimals than
    the column holds. Whoever divides decides where to round (``rounded``); the database never does it unseen.
    """

    impl = Numeric
    cache_ok = True
    precision: int
    scale: int

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, float) or not Decimal(value).is_finite():
            raise ValueError(f"{value!r} is no exact number")
        exact = Decimal(value)
        if exact != rounded(exact, self.scale):
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return exact


class Money(ExactNumber):
    """An amount in the currency that a column beside it names: a sum, or with ``scale`` 4 a price on paper.

    How many decimals people may write follows from the currency (``portal.db.currencies``).
    """

    cache_ok = True

    def __init__(self, precision: int = 14, scale: int = 2) -> None:
        super().__init__(precision, scale)


class Quantity(ExactNumber):
    """How much of something, in the unit that a column beside it names; in base units with ``scale`` 6."""

    cache_ok = True

    def __init__(self, precision: int = 14, scale: int = 4) -> None:
        super().__init__(precision, scale)


def rounded(value: Decimal, scale: int = 2) -> Decimal:
    """Rounded to so many decimals, half away from zero, as papers are: 2.675 is 2.68, -0.125 is -0.13."""
    return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """The number for machines: a point, no exponent, no zeros at the end: 2.5000 is "2.5", 1E+3 is "1000"."""
    told = format(value if value else abs(value), "f")
    return told.rstrip("0").rstrip(".") if "." in told else told


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
