"""The lists of the synchronisation: the runs over a server, and what one of them plans, row by row."""

from operator import attrgetter
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Text, bindparam, cast, func, select

from portal.db.words import counted
from portal.iiko.kinds import KINDS
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, Purpose, RunState
from portal.iiko.sync.models import ActionState, IikoAction, Word
from portal.iiko.words_page import change_text, outcome_text, reason_text, why_failed
from portal.integrations.models import AccountIntegrationCredentials
from portal.users.models import User
from portal.web.listing import Export, Filter, Listing, Parent, Sort, ValueFilter, enum_filter
from portal.web.listing.declaration import capped_count, moment

r = IikoRun.__table__.c
k = IikoRunKind.__table__.c
c = IikoConnection.__table__.c
i = AccountIntegrationCredentials.__table__.c
u = User.__table__.c
a = IikoAction.__table__.c

# The seven counts of a kind, each with what it counts.
COUNTS = {
    "creates": Word.CREATE.label,
    "updates": Word.UPDATE.label,
    "unchanged": _l("Unchanged"),
    "skips": Word.SKIP.label,
    "conflicts": Word.CONFLICT.label,
    "missing": Word.MISSING.label,
    "errors": Word.ERROR.label,
}
# Which word of the list each of them counts; what is unchanged stands in no list.
WORD_OF = {
    "creates": "create",
    "updates": "update",
    "conflicts": "conflict",
    "missing": "missing",
    "skips": "skip",
    "errors": "error",
}
RUN_COUNT = counted("%(num)s run", "%(num)s runs")
CHANGE_COUNT = counted("%(num)s row", "%(num)s rows")


def count_with(words: Any) -> Any:
    """What says how many rows match."""
    return lambda count, is_capped: words.of(count, capped_count(count) if is_capped else None)


def total_of(count: str) -> Any:
    """The sum of one count over the kinds of a run."""
    of_run = (k.account_id == r.account_id, k.run_id == r.id)
    return select(func.coalesce(func.sum(k[count]), 0)).where(*of_run).scalar_subquery()


RUNS = Listing(
    name="iiko_runs",
    title=_l("Runs of the synchronisation"),
    entity=IikoRun,
    parent=Parent(
        AccountIntegrationCredentials,
        key=c.integration_id,
        columns={"id": i.id, "integration_type": i.integration_type},
    ),
    source=IikoRun.__table__.join(
        IikoConnection.__table__, (c.id == r.connection_id) & (c.account_id == r.account_id)
    ).outerjoin(User.__table__, (u.id == r.user_id) & (u.account_id == r.account_id)),
    columns={
        "created_at": r.created_at,
        "purpose": r.purpose,
        "who": func.coalesce(func.nullif(u.full_name, ""), u.email),
        "state": r.state,
        "failure": r.failure,
        "details": r.details,
        "started_at": r.started_at,
        "ended_at": r.ended_at,
        "requests": r.requests,
        "bytes": r.bytes,
        "seat_opened_at": r.seat_opened_at,
        "seat_returned_at": r.seat_returned_at,
        **{count: total_of(count) for count in COUNTS},
    },
    sorts=[Sort("newest", _l("Newest"), r.created_at, parse=moment, descending=True)],
    filters=[
        enum_filter("purpose", _l("Purpose"), r.purpose, Purpose),
        enum_filter("state", _l("State"), r.state, RunState),
    ],
    search=[u.full_name, u.email],
    search_label=_l("Search by person"),
    count_label=count_with(RUN_COUNT),
    exports=[
        Export(_l("Time (UTC)"), lambda row: row.created_at),
        Export(_l("Purpose"), lambda row: Purpose.read(row.purpose).label),
        Export(_l("Begun by"), lambda row: row.who or _l("Schedule")),
        Export(_l("State"), lambda row: RunState.read(row.state).label),
        Export(_l("Reason"), why_failed),
        Export(_l("Started (UTC)"), lambda row: row.started_at),
        Export(_l("Ended (UTC)"), lambda row: row.ended_at),
        Export(_l("Seat taken (UTC)"), lambda row: row.seat_opened_at),
        Export(_l("Seat returned (UTC)"), lambda row: row.seat_returned_at),
        Export(_l("Requests"), lambda row: row.requests),
        Export(_l("Bytes"), lambda row: row.bytes),
        *(Export(label, attrgetter(count)) for count, label in COUNTS.items()),
    ],
)


def kind_choices() -> list[tuple[str, Any]]:
    """Every kind that comes from iiko."""
    return [("", _l("Any")), *((kind.key, kind.label) for kind in KINDS.values())]


def field_choices() -> list[tuple[str, Any]]:
    """Every field that iiko fills in, of whichever kind; the same one of two kinds stands once."""
    named = {field.key: field.label for kind in KINDS.values() for field in kind.fields}
    return [("", _l("Any")), *named.items()]


class FieldFilter(ValueFilter):
    """The rows that change one field."""

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """Whether the changes hold it."""
        if not value or self.column is None:
            return None
        return self.column.has_key(bindparam(f"filter_{self.key}", None, type_=Text()))


# What is grave first, and by name among its like.
PLACE = func.lpad(cast(a.rank, Text), 3, "0").op("||")(a.name)

CHANGES = Listing(
    name="iiko_changes",
    title=_l("Changes of a run"),
    entity=IikoAction,
    parent=Parent(IikoRun, key=a.run_id, columns={"id": r.id, "state": r.state}),
    columns={
        "kind": a.kind,
        "iiko_id": a.iiko_id,
        "entity_id": a.entity_id,
        "name": a.name,
        "word": a.word,
        "reason": a.reason,
        "details": a.details,
        "changes": a.changes,
        "iiko_values": a.iiko_values,
        "state": a.state,
        "note": a.note,
    },
    sorts=[Sort("grave", _l("What is grave first"), PLACE), Sort("name", _l("Name"), a.name)],
    filters=[
        ValueFilter("kind", _l("Kind"), choices=kind_choices, column=a.kind),
        enum_filter("word", _l("What happens"), a.word, Word),
        FieldFilter("field", _l("Field"), choices=field_choices, column=a.changes),
        Filter(
            "done",
            _l("Applied"),
            choices=[("", _l("Any")), *ActionState.choices()],
            conditions={"": None, **{state: a.state == state for state in ActionState.words()}},
        ),
    ],
    searched=a.searched,
    search_label=_l("Search by name"),
    count_label=count_with(CHANGE_COUNT),
    exports=[
        Export(_l("Kind"), lambda row: KINDS[row.kind].label if row.kind in KINDS else row.kind),
        Export(_l("Name"), lambda row: row.name),
        Export(_l("iiko id"), lambda row: row.iiko_id),
        Export(_l("What happens"), lambda row: Word.read(row.word).label),
        Export(_l("Reason"), reason_text),
        Export(_l("Fields"), lambda row: "; ".join(change_text(row))),
        Export(_l("Applied"), lambda row: ActionState.read(row.state).label),
        Export(_l("Why not"), outcome_text),
    ],
)
