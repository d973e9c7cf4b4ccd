"""How a paper stands on a day, in a word, with a tone and a sign of its own."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.staff.papers.models import PaperState, StaffDocument
from portal.web.language import choose_locale
from portal.web.times import day_in_words

# From so many days before its end on a paper is told to end.
SOON = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """A word, its tone and its sign; ``until`` says in words until when it is valid."""

    word: str
    tone: str
    icon: str
    until: str | None = None


def standing_of(document: StaffDocument | None, today: date) -> Standing:
    """That of a paper, or of one that is missing."""
    if document is None:
        return Standing(_("Missing"), "bad", "x")
    if document.state is PaperState.SENT:
        return Standing(_("To be checked"), "accent", "eye")
    if document.state is PaperState.REFUSED:
        return Standing(_("Refused"), "bad", "x")
    if document.state is PaperState.REPLACED:
        return Standing(_("Replaced"), "neutral", "history", until_in_words(document))
    return _of_accepted(document, today)


def _of_accepted(document: StaffDocument, today: date) -> Standing:
    told = until_in_words(document)
    if document.expires_on is None:
        return Standing(_("Valid"), "good", "check", told)
    left = (document.expires_on - today).days
    if left < 0:
        return Standing(ngettext("Expired %(num)s day ago", "Expired %(num)s days ago", -left), "bad", "alert", told)
    if left == 0:
        return Standing(_("Ends today"), "warn", "clock", told)
    if left <= SOON:
        return Standing(ngettext("Ends in %(num)s day", "Ends in %(num)s days", left), "warn", "clock", told)
    return Standing(_("Valid"), "good", "check", told)


def until_in_words(document: StaffDocument) -> str:
    """The last valid day."""
    if document.expires_on is None:
        return _("without an end")
    return _("until %(day)s, that day included", day=day_in_words(document.expires_on, choose_locale()))
