"""Days as people type them into a form."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField

from portal.web.language import choose_locale
from portal.web.times import parse_day, typed_day
from portal.web.values import visible

EXAMPLE = date(1998, 4, 25)


class DayField(StringField):
    """A day (25.04.1998, 25/4/1998, 1998-04-25), or ``None``. What is no day stays as it was typed.

    Browsers' own fields for days speak the browser's language and not the page's.
    """

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The day that was typed."""
        if not valuelist:
            return
        typed = visible(str(valuelist[0])).strip()
        self.data = None
        if not typed:
            return
        try:
            self.data = parse_day(typed)
        except ValueError as fault:
            raise ValueError(_("Write a day, such as %(day)s.", day=typed_day(EXAMPLE, choose_locale()))) from fault

    def _value(self) -> str:
        if self.data is not None:
            return typed_day(self.data, choose_locale())
        return str(self.raw_data[0]) if self.raw_data else ""
