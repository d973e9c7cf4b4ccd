"""What the page of a run says: how far it has come, what it found of each kind, and what can be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.base import db
from portal.db.types import utc_now
from portal.db.words import Label
from portal.iiko.listing import COUNTS, WORD_OF
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, KindState, Purpose, RunState
from portal.iiko.state_page import OF_MOVING, READING, RUN_TONES
from portal.iiko.sync.deciding import decider_id
from portal.iiko.sync.holds import hold_in_words
from portal.iiko.sync.links import ALIKE_AT_ONCE, proposed_alike
from portal.iiko.sync.models import IikoAction, Word
from portal.iiko.words_page import duration_text, kind_label, number_text, size_text, why_failed
from portal.integrations.models import AccountIntegrationCredentials
from portal.users.models import User

# An older plan is no longer what would happen.
PLAN_LIVES = timedelta(hours=24)
LATEST = 5
KIND_TONES = {
    KindState.DONE: "good",
    KindState.FAILED: "bad",
    KindState.HELD: "warn",
    KindState.LEFT_OUT: "neutral",
    KindState.WAITS: "neutral",
}


@dataclass(frozen=True)
class KindLine:
    """One kind of a run."""

    row: IikoRunKind
    confirmed_by: str | None = None

    @property
    def label(self) -> Label:
        """What its rows are called."""
        return kind_label(self.row.kind)

    @property
    def tone(self) -> str:
        """How its state is coloured."""
        return KIND_TONES.get(self.row.state, "accent")

    @property
    def done(self) -> tuple[int, int] | None:
        """How much of how much, where the whole is known."""
        row = self.row
        if not row.total or row.state not in (KindState.READS, KindState.COMPARES, KindState.WRITES):
            return None
        return min(row.written if row.state is KindState.WRITES else row.rows, row.total), row.total

    @property
    def sentence(self) -> str:
        """What is done with it at the moment, or what became of it."""
        row = self.row
        if row.state is KindState.FAILED:
            return why_failed(row)
        if row.state is KindState.LEFT_OUT:
            return why_failed(row) or _("Not tried.")
        if row.state is KindState.WRITES and row.total:
            return _("%(done)s of %(total)s written", done=number_text(row.written), total=number_text(row.total))
        if not row.rows:
            return size_text(row.bytes) if row.bytes else ""
        if not row.bytes:
            # It came with the answer of another kind.
            return _("%(rows)s rows read", rows=number_text(row.rows))
        return _("%(size)s, %(rows)s rows read", size=size_text(row.bytes), rows=number_text(row.rows))

    @property
    def hold(self) -> str:
        """What looks wrong with it."""
        return (hold_in_words(self.row) or "") if self.row.state is KindState.HELD else ""

    @property
    def counts(self) -> list[tuple[Label, int, str | None]]:
        """(what, how many, the word of the rows in the list) of all that there is."""
        told = ((COUNTS[key], getattr(self.row, key), WORD_OF.get(key)) for key in COUNTS)
        return [each for each in told if each[1]]


class RunPage:
    """One run with its server, who began it, and its kinds."""

    def __init__(self, run_id: UUID) -> None:
        begun, applied = aliased(User), aliased(User)
        newer = aliased(IikoRun)
        is_overtaken = exists().where(
            newer.account_id == IikoRun.account_id,
            newer.connection_id == IikoRun.connection_id,
            newer.created_at > IikoRun.created_at,
            newer.planned_at.is_not(None),
        )
        query = (
            select(IikoRun, AccountIntegrationCredentials, _called(begun), _called(applied), is_overtaken)
            .join(IikoConnection, IikoConnection.id == IikoRun.connection_id)
            .join(AccountIntegrationCredentials, AccountIntegrationCredentials.id == IikoConnection.integration_id)
            .outerjoin(begun, begun.id == IikoRun.user_id)
            .outerjoin(applied, applied.id == IikoRun.applied_by_id)
            .where(IikoRun.id == run_id)
        )
        found = db.session.execute(query).one_or_none() or abort(404)
        self.run: IikoRun = found[0]
        self.integration: AccountIntegrationCredentials = found[1]
        self.begun_by, self.applied_by, self.is_overtaken = found[2:]

    @cached_property
    def kinds(self) -> Sequence[KindLine]:
        """Its kinds, in their order."""
        query = (
            select(IikoRunKind, _called(User))
            .outerjoin(User, User.id == IikoRunKind.confirmed_by_id)
            .where(IikoRunKind.run_id == self.run.id)
            .order_by(IikoRunKind.position)
        )
        return [KindLine(*row) for row in db.session.execute(query)]

    @property
    def is_moving(self) -> bool:
        """Whether it is being worked at, so that its page follows by itself."""
        return not self.run.state.is_over

    @property
    def is_check(self) -> bool:
        """Whether it only asked what may be read."""
        return self.run.purpose is Purpose.CHECK

    @property
    def tone(self) -> str:
        """How its state is coloured."""
        return RUN_TONES.get(self.run.state, "accent")

    @property
    def sentence(self) -> Label:
        """What is done at the moment."""
        return OF_MOVING.get(self.run.state, READING)

    @property
    def size(self) -> str | None:
        """How much was read."""
        return size_text(self.run.bytes) if self.run.bytes else None

    @property
    def failure(self) -> str:
        """Why it failed."""
        return why_failed(self.run)

    @property
    def has_plan(self) -> bool:
        """Whether there are rows that it planned."""
        return self.run.planned_at is not None

    @property
    def wrote_nothing(self) -> bool:
        """Whether all is as it was before."""
        return not any(line.row.written for line in self.kinds)

    @property
    def begun_in_words(self) -> str:
        """Who began it: a colleague, the schedule, or support on a visit, who stands in the log."""
        return self.begun_by or (_("by itself") if self.run.purpose is Purpose.SCHEDULE else _("support"))

    @property
    def is_old(self) -> bool:
        """Whether the plan is too old to be applied, or a newer run has made another."""
        at = self.run.planned_at
        return at is None or at < utc_now() - PLAN_LIVES or bool(self.is_overtaken)

    @property
    def may_be_applied(self) -> bool:
        """Whether the person can apply it now."""
        return self.may_decide and decider_id() is not None

    @property
    def may_be_cancelled(self) -> bool:
        """Whether the person can have it stopped."""
        return self.is_moving and self.run.cancel_asked_at is None and may(Permission.INTEGRATIONS_EDIT)

    @property
    def may_decide(self) -> bool:
        """Whether the person decides about its rows and held kinds."""
        return self.run.state is RunState.PLANNED and not self.is_old and may(Permission.INTEGRATIONS_EDIT)

    def count(self, key: str) -> int:
        """One of the seven counts, over the kinds that may be written."""
        return sum(getattr(line.row, key) for line in self.kinds if line.row.state is not KindState.HELD)

    @cached_property
    def alike(self) -> int:
        """How many rows look like one of ours alone and can be linked together."""
        if not (self.may_decide and self.count("conflicts")):
            return 0
        proposed = proposed_alike(self.run.id).order_by(None).limit(ALIKE_AT_ONCE).with_only_columns(IikoAction.id)
        return db.session.scalar(select(func.count()).select_from(proposed.subquery())) or 0

    @property
    def has_work(self) -> bool:
        """Whether applying it would write anything."""
        return bool(self.count("creates") or self.count("updates"))

    @property
    def question(self) -> str:
        """What is asked before it is applied."""
        told = [
            ngettext("%(num)s row is added.", "%(num)s rows are added.", self.count("creates")),
            ngettext("%(num)s row is changed.", "%(num)s rows are changed.", self.count("updates")),
        ]
        if waiting := self.count("conflicts"):
            told.append(
                ngettext(
                    "%(num)s row still needs somebody's decision and stays as it is.",
                    "%(num)s rows still need somebody's decision and stay as they are.",
                    waiting,
                )
            )
        return " ".join([*told, _("Nothing is removed.")])

    @property
    def held(self) -> list[KindLine]:
        """The kinds that wait for a person."""
        return [line for line in self.kinds if line.row.state is KindState.HELD]

    def tabs(self, path: str, current: str) -> list[tuple[Label, str, bool, int]]:
        """(label, address, whether it is shown, count) of each word that there is."""
        counted = [(word, sum(getattr(line.row, key) for line in self.kinds)) for key, word in WORD_OF.items()]
        found = [(Word(word).label, f"{path}?word={word}", current == word, count) for word, count in counted if count]
        return [(_("All"), path, not current, sum(count for _word, count in counted)), *found]

    @property
    def took(self) -> str | None:
        """How long it took."""
        run = self.run
        return duration_text(run.ended_at - run.started_at) if run.started_at and run.ended_at else None

    @cached_property
    def usual(self) -> str | None:
        """How long the last few took that did the same."""
        latest = (
            select((IikoRun.planned_at - IikoRun.started_at).label("length"))
            .where(
                IikoRun.connection_id == self.run.connection_id,
                IikoRun.id != self.run.id,
                IikoRun.planned_at.is_not(None),
                IikoRun.started_at.is_not(None),
            )
            .order_by(IikoRun.created_at.desc())
            .limit(LATEST)
            .subquery()
        )
        length = db.session.scalar(select(func.avg(latest.c.length)))
        return duration_text(length) if length else None


def _called(person: Any) -> Any:
    """A person's name, else their e-mail."""
    return func.coalesce(func.nullif(person.full_name, ""), person.email)
