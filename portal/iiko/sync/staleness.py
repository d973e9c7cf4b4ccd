"""Why an action of a plan is left out when it is applied: what others did since."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from flask_babel import format_datetime

from portal.audit.last_change import last_change
from portal.db.records import Record
from portal.iiko.models import IikoRun
from portal.iiko.sync.reasons import LeftOut

# As the action keeps it.
Note: TypeAlias = dict[str, Any]


def note_of(reason: LeftOut, **details: Any) -> Note:
    """A note as it is stored."""
    return {"reason": reason.value, **details}


def changed_note(run: IikoRun, row: Record, keys: Sequence[str]) -> Note:
    """Who changed a row since the plan was made, and when, as far as the log tells."""
    change = last_change(row, keys)
    if change is None or change.by is None or (run.planned_at is not None and change.at < run.planned_at):
        return note_of(LeftOut.CHANGED_BY_NOBODY)
    return note_of(LeftOut.CHANGED, who=change.by, when=change.at.isoformat())


def note_in_words(note: Mapping[str, Any] | None) -> str | None:
    """Why an action was not applied, such as “Changed by Anna at 12:03.”; ``None`` where nothing kept it."""
    reason = LeftOut.read(str(note["reason"])) if note else None
    if note is None or not isinstance(reason, LeftOut):
        return None
    moment = {"when": format_datetime(datetime.fromisoformat(note["when"]), "short")} if "when" in note else {}
    return reason.sentence({**note, **moment})
