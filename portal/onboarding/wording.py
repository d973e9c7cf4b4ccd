"""What people are told of their checklist, in the chain's language."""

import re
from datetime import date, datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.onboarding.chain import chain_language
from portal.web.times import day_in_words, in_zone

GAPS = ("name", "step", "left", "date")
_GAP = re.compile(r"{{\s*([a-z]+)\s*}}")


def filled(text: str, **values: str) -> str:
    """The text with each ``{{name}}`` that is known; the others stay as they were written."""
    return _GAP.sub(lambda gap: values.get(gap[1], gap[0]), text)


def odd_gap(text: str) -> str | None:
    """The first ``{{gap}}`` that nothing fills in."""
    gaps = re.findall(r"{{\s*([^{}]*?)\s*}}", text)
    return next((gap for gap in gaps if gap not in GAPS), None)


def told_day(day: date | None) -> str:
    """A day as people are told it; nothing where there is none."""
    return day_in_words(day, chain_language()) if day else ""


def shift_text(first_shift_at: datetime, zone: str | None) -> str:
    """That the first shift is at another time now."""
    language, local = chain_language(), in_zone(first_shift_at, zone)
    with force_locale(language):
        told = {"date": day_in_words(local.date(), language), "time": f"{local:%H:%M}"}
        return str(_("Your first shift is now on %(date)s at %(time)s.", **told))
