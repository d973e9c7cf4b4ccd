"""Fields of the forms of papers: a number of months, days before an end, countries, one of the kinds."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from portal.staff.papers.models import DocumentType
from portal.staff.papers.queries import offered_kinds
from portal.web.attributes import LongSelect
from portal.web.forms import Required, options
from portal.web.values import id_of, visible

MAX_DAYS, MAX_OFFSETS = 365, 12
_NUMBER = re.compile("[0-9]{1,4}")
_BETWEEN = re.compile(r"[\s,;]+")


class TypedField(StringField):
    """A text that stands for something else (``read``, ``written``); what cannot be read stays as it was typed."""

    data: Any

    def read(self, typed: str) -> Any:
        """What a text stands for; ``ValueError`` says in words what is wrong with it."""
        raise NotImplementedError

    def written(self, value: Any) -> str:
        """The text of a value."""
        return str(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """What was typed."""
        self.data = None
        self.data = self.read(visible(str(valuelist[0]) if valuelist else "").strip())

    def _value(self) -> str:
        if self.data is None and self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.written(self.data)


class MonthsField(TypedField):
    """A whole number of months, or ``None``."""

    most = 120

    def read(self, typed: str) -> int | None:
        """The number."""
        if not typed:
            return None
        if not _NUMBER.fullmatch(typed) or not 1 <= int(typed) <= self.most:
            raise ValueError(
                _("Write a whole number of months from 1 to %(most)s, or leave this empty.", most=self.most)
            )
        return int(typed)


class DaysBeforeField(TypedField):
    """Numbers of days before an end, the farthest first, each once."""

    def read(self, typed: str) -> list[int]:
        """The numbers."""
        words = [each for each in _BETWEEN.split(typed) if each]
        odd = next((each for each in words if not _NUMBER.fullmatch(each)), None)
        if odd is not None:
            raise ValueError(_("“%(word)s” is no number of days. Write them with commas, such as 30, 14, 7.", word=odd))
        days = sorted({int(each) for each in words}, reverse=True)
        if days and days[0] > MAX_DAYS:
            raise ValueError(_("At most %(most)s days before the end.", most=MAX_DAYS))
        if len(days) > MAX_OFFSETS:
            raise ValueError(_("At most %(most)s reminders.", most=MAX_OFFSETS))
        return days

    def written(self, value: Sequence[int]) -> str:
        """With commas."""
        return ", ".join(map(str, value))


class CodesField(TypedField):
    """Short words with commas between them, each once."""

    def read(self, typed: str) -> list[str]:
        """The words, as they are compared."""
        codes = list(dict.fromkeys(each.casefold() for each in _BETWEEN.split(typed) if each))
        if any(len(each) > 40 for each in codes) or len(codes) > 100:
            raise ValueError(_("Write what the scenario calls each country, with commas: uz, tj."))
        return codes

    def written(self, value: Sequence[str]) -> str:
        """With commas."""
        return ", ".join(value)


class KindField(SelectField):
    """One of the chain's kinds of papers; an archived one only where it is chosen already."""

    widget = LongSelect()
    kinds: Sequence[DocumentType] = ()

    def __init__(self, label: Any, **settings: Any) -> None:
        chosen = [Required(_l("Choose what it is."))]
        super().__init__(label, chosen, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        self.kinds = offered_kinds(also=self.data)
        self.choices = options([("", _l("Choose…")), *((str(kind.id), kind.name) for kind in self.kinds)])

    @property
    def kind(self) -> DocumentType | None:
        """The kind that was chosen."""
        return next((kind for kind in self.kinds if kind.id == self.data), None)
