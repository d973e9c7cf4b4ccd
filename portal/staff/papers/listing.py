"""The list of kinds of papers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func

from portal.staff.papers.models import DocumentType
from portal.web.listing import Column, record_list

k = DocumentType.__table__.c


def listed(column: Any) -> Any:
    """The values of an array, with commas."""
    return func.nullif(func.array_to_string(column, ", "), "")


def months_in_words(months: int) -> str:
    """How long papers are valid."""
    return ngettext("%(num)s month", "%(num)s months", months)


KINDS = record_list(
    "paper_kinds",
    DocumentType,
    [
        "name",
        Column("months_valid", _l("Valid"), show=months_in_words, absent=_l("until the typed day"), nowrap=True),
        Column("remind_days", _l("Reminds, days before"), source=listed(k.remind_days), nowrap=True),
        "is_health",
        Column("for_kitchen", priority=3),
        Column("months_at_most", in_table=False),
        Column("for_citizenship", source=listed(k.for_citizenship), in_table=False),
        Column("code", priority=3),
        "is_active",
        "updated_at",
    ],
    search_label=_l("Search by name or code"),
    empty_text=_l("Take the usual kinds, or add the first one yourself."),
    icon="file",
)
