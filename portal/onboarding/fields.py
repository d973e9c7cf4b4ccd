"""Fields of the forms of checklists: a time of day, a whole number of days."""

import re
from datetime import time
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from portal.web.values import visible

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
