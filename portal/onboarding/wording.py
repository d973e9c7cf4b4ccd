"""What people are told of their checklist, in the chain's language."""

from datetime import date, datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.users.chain import chain_language
from portal.web.times import day_in_words, in_zone


def format_day(day: date | None) -> str:
    """A day as people are told it; nothing where there is none."""
    return day_in_words(day, chain_language()) if day else ""


def shift_text(first_shift_at: datetime, zone: str | None) -> str:
    """That the first shift is at another time now."""
    language, local = chain_language(), in_zone(first_shift_at, zone)
    with force_locale(language):
        told = {"date": day_in_words(local.date(), language), "time": f"{local:%H:%M}"}
        return str(_("Your first shift is now on %(date)s at %(time)s.", **told))
