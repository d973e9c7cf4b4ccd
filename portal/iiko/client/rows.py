"""A row of an answer, whichever format it came in, and what can be wrong with it alone."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum
from portal.iiko.client import values
from portal.iiko.client.cleaning import clean_text

MAX_FIELD = 64 * 1024


class Fault(LabelledEnum):
    """What is wrong with a row."""

    REPEATED_FIELD = "repeated_field", _l("comes twice")
    NOT_PLAIN = "not_plain", _l("is not a single value")
    TOO_LONG = "too_long", _l("is too long")
    NOT_A_NUMBER = "not_a_number", _l("is not a number")
    NOT_A_DATE = "not_a_date", _l("is not a date")
    NOT_A_FLAG = "not_a_flag", _l("is neither true nor false")
    NOT_AN_ID = "not_an_id", _l("is not an id of iiko's")
    MISSING = "missing", _l("is missing")
    REPEATED_ID = "repeated_id", _l("belongs to rows that contradict each other")
    UNKNOWN_WORD = "unknown_word", _l("is a word that the portal does not know")


class RowError(Exception):
    """A row that cannot be read; the others can. ``iiko_id`` is ``None`` where it has none that can be read."""

    def __init__(self, fault: Fault, name: str, value: str = "", iiko_id: str | None = None) -> None:
        super().__init__(f"{name}: {fault}")
        self.fault, self.name, self.value, self.iiko_id = fault, name, clean_text(value[:200]), iiko_id

    @property
    def details(self) -> dict[str, str]:
        """As JSON, for a stored row."""
        return {"fault": self.fault.value, "field": self.name, "value": self.value}

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        return explain_fault(self.fault, self.name, self.value)


def explain_fault(fault: str, field: str, value: str = "") -> str:
    """The sentence of a stored fault."""
    label = Fault.read(fault).label
    if value:
        return _("The field “%(field)s” %(fault)s: %(value)s", field=field, fault=label, value=value)
    return _("The field “%(field)s” %(fault)s.", field=field, fault=label)


class Row(ABC):
    """Fields by their names. Absent and empty are the same: ``None``. What is wrong with one raises RowError.

    Only what is asked for is looked at: faults of fields that nobody reads hurt nobody.
    """

    __slots__ = ("iiko_id",)
    iiko_id: str | None

    @abstractmethod
    def text(self, name: str) -> str | None:
        """The one text of a field."""

    @abstractmethod
    def child(self, name: str) -> "Row | None":
        """The one part of that name."""

    @abstractmethod
    def children(self, name: str, element: str = "") -> "Sequence[Row]":
        """The parts that a list holds, one, many or none; ``element`` is what XML calls each of them."""

    @abstractmethod
    def content(self) -> Any:
        """All that it holds, to be compared with another's: hashable."""

    @abstractmethod
    def flag(self, name: str) -> bool | None:
        """True or false."""

    @abstractmethod
    def number(self, name: str) -> Decimal | None:
        """An exact number."""

    def guid(self, name: str) -> str | None:
        """An id in small letters; that of nobody is none."""
        return self._read(name, values.guid, Fault.NOT_AN_ID)

    def day(self, name: str) -> date | None:
        """A date."""
        return self._read(name, values.day, Fault.NOT_A_DATE)

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A moment in UTC; one without a zone is of ``zone``."""
        return self._read(name, lambda text: values.moment(text, zone), Fault.NOT_A_DATE)

    def required(self, name: str) -> str:
        """A text that must be there."""
        text = self.text(name)
        if text is None:
            raise RowError(Fault.MISSING, name)
        return text

    def _read(self, name: str, read: Any, fault: Fault) -> Any:
        text = self.text(name)
        if text is None:
            return None
        try:
            return read(text)
        except ValueError:
            raise RowError(fault, name, text) from None
