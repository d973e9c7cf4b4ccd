"""What the synchronisation says on pages: sizes, lengths of time, values of fields, and why something is as it is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from flask_babel import gettext as _

from portal.db.words import Label
from portal.iiko.client.answers import Outcome
from portal.iiko.kinds import KINDS
from portal.iiko.sync.checking import PROBES
from portal.iiko.sync.models import Word
from portal.iiko.sync.reasons import KindFailure, LeftOut, Reason
from portal.web.language import choose_locale, when
from portal.web.times import day_in_words

KIBI = 1024
DASH = "—"
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# What a check asks about, whether rows of it are read by now or not.
CHECKED: Mapping[str, Label] = {probe.key: probe.label for probe in PROBES}


def size_text(count: int) -> str:
    """A number of bytes in the largest unit that leaves something before the point."""
    amount, units = float(count), [_("%(num)s B"), _("%(num)s kB"), _("%(num)s MB")]
    while amount >= KIBI and len(units) > 1:
        amount /= KIBI
        del units[0]
    told = format_decimal(round(amount, 1 if amount < 100 else 0), locale=choose_locale())
    return units[0].replace("%(num)s", str(told))


def number_text(count: int) -> str:
    """A number, parted as the reader parts it."""
    return str(format_decimal(count, locale=choose_locale()))


def duration_text(length: timedelta) -> str:
    """About how long something took."""
    return str(format_timedelta(max(length, timedelta(seconds=1)), threshold=1.5, locale=choose_locale()))


def kind_label(key: str) -> Label:
    """What a kind of rows is called; one that is read no more by its key."""
    return KINDS[key].label if key in KINDS else CHECKED.get(key, key)


def why_failed(row: Any) -> str:
    """Why a run, or one of its kinds, failed; a word that nobody knows any more as it is."""
    details = dict(row.details.get("failure") or {})
    if row.failure is not None and isinstance(outcome := Outcome.read(row.failure), Outcome):
        return str(outcome.sentence(**details))
    if "kind" in details:
        details["kind"] = kind_label(details["kind"])
    return _sentence(KindFailure, row.failure, details)


def reason_text(row: Any) -> str:
    """Why a row of a plan is left out, needs a person or could not be read."""
    details = dict(row.details)
    if "field" in details:
        details["field"] = field_label(row.kind, details["field"])
    return _sentence(Reason, row.reason, details)


def outcome_text(row: Any) -> str:
    """Why a planned change was not applied."""
    note = dict(row.note or {})
    if note.get("when"):
        note["when"] = when(datetime.fromisoformat(note["when"])).striptags()
    return _sentence(LeftOut, note.get("reason"), note)


def _sentence(words: Any, word: str | None, details: Mapping[str, Any]) -> str:
    if word is None:
        return ""
    known = words.read(word)
    return str(known.sentence(details)) if isinstance(known, words) else str(known)


def value_text(value: Any) -> str:
    """A value as people read it; of a row of another kind its name."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value.get("name") or value.get("iiko_id") or DASH) if isinstance(value, Mapping) else str(value)


def shown_text(kind: str, key: str, value: Any) -> str:
    """A value of a field as people read it: days and words in their language."""
    field = next((each for each in KINDS[kind].fields if each.key == key), None) if kind in KINDS else None
    if field is None or value in (None, ""):
        return value_text(value)
    if field.words is not None:
        return str(field.words.read(value).label)
    if field.parse == date.fromisoformat and DAY.fullmatch(str(value)):
        return str(day_in_words(date.fromisoformat(value), choose_locale()))
    return value_text(field.show(value))


def field_label(kind: str, key: str) -> Label:
    """What a field of a kind is called."""
    fields = KINDS[kind].fields if kind in KINDS else ()
    return next((field.label for field in fields if field.key == key), key)


def in_order(kind: str, keys: Iterable[str]) -> list[str]:
    """Keys of fields in the order in which a kind has them."""
    order = [field.key for field in KINDS[kind].fields] if kind in KINDS else []
    return sorted(keys, key=lambda key: order.index(key) if key in order else len(order))


def told_changes(row: Any) -> Iterator[tuple[Label, str, str]]:
    """(field, ours, iiko's) of all that a row changes, in the order of the kind's fields."""
    for key in in_order(row.kind, row.changes):
        ours, iikos = row.changes[key]
        yield field_label(row.kind, key), shown_text(row.kind, key, ours), shown_text(row.kind, key, iikos)


def change_text(row: Any) -> list[str]:
    """The same for a cell of a file."""
    return [f"{label}: {ours} → {iikos}" for label, ours, iikos in told_changes(row)]


def told_values(row: Any) -> list[str]:
    """What a new row brings beside its name."""
    told = {key: value for key, value in row.iiko_values.items() if key != "name" and value not in (None, "", [])}
    return [f"{field_label(row.kind, key)}: {shown_text(row.kind, key, told[key])}" for key in in_order(row.kind, told)]


def can_be_placed(row: Any) -> bool:
    """Whether a person can say which restaurant the part of iiko's tree belongs to where it stands."""
    return row.word == Word.SKIP and row.reason == Reason.NO_DEPARTMENT and bool(row.details.get("places"))
