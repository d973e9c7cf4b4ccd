"""Fields of the forms of checklists: a time of day, a whole number of days, a kind of paper."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Any

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import SelectField, StringField

from portal.db.base import db
from portal.staff.papers.models import DocumentType
from portal.staff.papers.queries import MAX_KINDS
from portal.web.attributes import LongSelect
from portal.web.forms import options
from portal.web.values import id_of, visible

_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?")
_NUMBER = re.compile(r"[+]?([-−]?[0-9]{1,4})")
MAX_OFFSET = 365


class ClockField(StringField):
    """A time of day (10:00, 9.30, 10), or ``None``. What is none stays as it was typed."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The time that was typed."""
        typed = visible(str(valuelist[0]) if valuelist else "").strip()
        self.data = None
        if not typed:
            return
        try:
            hour, minute = _CLOCK.fullmatch(typed).groups()  # type: ignore[union-attr]
            self.data = time(int(hour), int(minute or 0))
        except (AttributeError, ValueError) as fault:
            raise ValueError(_("Write a time, such as 10:00.")) from fault

    def _value(self) -> str:
        if self.data is not None:
            return f"{self.data:%H:%M}"
        return str(self.raw_data[0]) if self.raw_data else ""


class OffsetField(StringField):
    """So many days after something, or before it below zero; what is no number stays as it was typed."""

    data: Any

    def __init__(self, label: Any, **settings: Any) -> None:
        super().__init__(label, **{**settings, "default": 0})

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The number that was typed; nothing is none."""
        typed = visible(str(valuelist[0]) if valuelist else "").strip()
        self.data = None
        found = _NUMBER.fullmatch(typed or "0")
        if found is None or abs(int(found[1].replace("−", "-"))) > MAX_OFFSET:
            raise ValueError(_("Write a whole number of days from −%(most)s to %(most)s.", most=MAX_OFFSET))
        self.data = int(found[1].replace("−", "-"))

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data)
        return str(self.raw_data[0]) if self.raw_data else ""


class PaperKindField(SelectField):
    """The kind of paper that a step needs, or none; an archived one only where it is chosen already."""

    widget = LongSelect()

    def __init__(self, label: Any, **settings: Any) -> None:
        super().__init__(label, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        offered = [kind for kind in _kinds() if kind.is_active or kind.id == self.data]
        self.choices = options([("", _("No paper")), *((str(kind.id), kind.name) for kind in offered)])


def _kinds() -> Sequence[DocumentType]:
    """Every kind, read once for all rows of a form."""
    if "paper_kinds" not in g:
        g.paper_kinds = db.session.scalars(select(DocumentType).order_by(DocumentType.name).limit(2 * MAX_KINDS)).all()
    kinds: Sequence[DocumentType] = g.paper_kinds
    return kinds
