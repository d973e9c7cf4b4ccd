"""A person's checklist as their page shows it: what is to be done, by whom and until when, and what is done by whom."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask import url_for

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.types import utc_now
from portal.onboarding.completion import Completion
from portal.onboarding.days import is_overdue, local_today
from portal.onboarding.kinds import Anchor, OnboardingStatus, StepStatus
from portal.onboarding.proof import kinds_on
from portal.onboarding.queries import latest_of, step_rows
from portal.onboarding.roles import may_tick
from portal.staff.models import StaffMember, StaffStatus
from portal.users.chain import chain_zone
from portal.web.language import choose_locale, when
from portal.web.times import day_in_words, short_day

# Each state by its shape and colour; the word stands beside.
SHAPES = {
    StepStatus.COMPLETED: ("check", "good"),
    StepStatus.FAILED: ("x", "bad"),
    StepStatus.NOT_NEEDED: ("minus", "off"),
}

# Days that are nearer than so many are told without their year.
YEAR = 300


@dataclass(frozen=True)
class StepLine:
    """One step, to whoever looks."""

    row: Any
    is_late: bool
    may_tick: bool
    # The step waits for a paper that is not there: it is seen in the original, not ticked.
    lacks_paper: bool

    @property
    def is_done(self) -> bool:
        """Whether it is done."""
        return bool(self.row.status == StepStatus.COMPLETED)

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return bool(self.row.status.is_open)

    @property
    def icon(self) -> str | None:
        """The shape in its box."""
        return SHAPES.get(self.row.status, (None, ""))[0]

    @property
    def tone(self) -> str:
        """The colour of its box."""
        return SHAPES.get(self.row.status, (None, "late" if self.is_late else "open"))[1]

    @property
    def box(self) -> str:
        """What the box is to whoever looks: ``shown`` only, or what a press on it leads to."""
        if not self.may_tick:
            return "shown"
        if not self.is_open:
            return "untick"
        if self.lacks_paper:
            return "paper" if may(Permission.STAFF_PRIVATE) else "shown"
        return "tick"

    @property
    def due(self) -> str | None:
        """When it is due; the year only where it is another."""
        day, locale = self.row.due_date, choose_locale()
        if day is None:
            return None
        return short_day(day, locale) if abs((day - utc_now().date()).days) < YEAR else day_in_words(day, locale)

    @property
    def waits_for_shift(self) -> bool:
        """Whether nobody can say yet when it is due."""
        return self.is_open and self.row.due_date is None and self.row.anchor == Anchor.FIRST_SHIFT

    @property
    def message_url(self) -> str | None:
        """The very message that completed it, for those who may see conversations and what is private of people."""
        if self.row.seq is None or not (may(Permission.DIALOGS_SEE) and may(Permission.STAFF_PRIVATE)):
            return None
        place = {"bot_id": self.row.bot_id, "dialog_id": self.row.dialog_id, "before": self.row.seq + 1}
        return f"{url_for('account.bot_conversations.show', **place)}#m-{self.row.seq}"


class Checklist:
    """What the page of a person tells of their checklist."""

    def __init__(self, member: StaffMember) -> None:
        self.member = member

    @classmethod
    def of(cls, member: StaffMember) -> "Checklist":
        """The checklist of a person."""
        return cls(member)

    @cached_property
    def engagement(self) -> Any:
        """The latest engagement, or ``None``."""
        return latest_of(self.member.id)

    @property
    def is_running(self) -> bool:
        """Whether it is in progress."""
        return self.engagement is not None and self.engagement.status == OnboardingStatus.IN_PROGRESS

    @property
    def is_closed(self) -> bool:
        """Whether its steps stay as they are."""
        return self.member.status == StaffStatus.LEFT or self.member.erased_at is not None

    @property
    def completion(self) -> Completion:
        """How much of it is done."""
        return Completion(self.engagement.steps_done, self.engagement.steps_needed)

    @cached_property
    def zone(self) -> str | None:
        """The zone of the restaurant."""
        return self.member.restaurant.timezone if self.member.restaurant else None

    @cached_property
    def today(self) -> date:
        """The day that it is in the restaurant."""
        return local_today(self.zone)

    @cached_property
    def steps(self) -> list[StepLine]:
        """The steps in their order."""
        rows = step_rows(self.engagement.id) if self.engagement is not None else []
        waits = any(row.document_type_id is not None and row.status.is_open for row in rows)
        kinds = kinds_on(self.today, self.member.id) if waits else frozenset()
        return [
            StepLine(
                row,
                is_late=self._counts_late and row.status.is_open and is_overdue(row.due_date, self.today),
                may_tick=not self.is_closed and may_tick(row, self.member),
                lacks_paper=row.document_type_id is not None and row.document_type_id not in kinds,
            )
            for row in rows
        ]

    @property
    def _counts_late(self) -> bool:
        """Whether anything of it can be late: not where the checklist is over, or the restaurant is closed."""
        return self.is_running and (self.member.restaurant is None or self.member.restaurant.is_active)

    @property
    def late_count(self) -> int:
        """How many steps are overdue."""
        return sum(step.is_late for step in self.steps)

    @property
    def first_shift(self) -> Any:
        """The first shift on the restaurant's clock."""
        return when(self.engagement.first_shift_at, self.zone or chain_zone())

    @property
    def change(self) -> dict[str, Any] | None:
        """What another position, restaurant or template has lately done to the steps: ``new`` and ``gone`` by name."""
        told = self.engagement.change if self.is_running and may(Permission.STAFF_TICK) else None
        if not told or not told["after"]:
            return None
        at = when(datetime.fromisoformat(told["at"]), self.zone or chain_zone())
        return {"new": told["after"].get("steps_new"), "gone": told["after"].get("steps_gone"), "at": at}

    @property
    def days_to_start(self) -> int | None:
        """In how many days the person starts; ``None`` for one who has started or will not, or if it is not known."""
        start = self.engagement.start_date if self.engagement is not None and not self.is_closed else None
        return (start - self.today).days if start is not None and start >= self.today else None

    @property
    def may_edit(self) -> bool:
        """Whether whoever looks may hire, move the first shift and say that somebody left."""
        return may(Permission.STAFF_EDIT) and self.member.erased_at is None

    @property
    def may_move(self) -> bool:
        """Whether the first shift may be moved, all done or not."""
        is_over = self.is_closed or self.engagement is None or self.engagement.status == OnboardingStatus.TERMINATED
        return self.may_edit and not is_over

    @property
    def may_hire(self) -> bool:
        """Whether the person may be hired now."""
        return self.may_edit and not self.is_running

    @property
    def may_finish(self) -> bool:
        """Whether it is done by a button: nothing is required."""
        return self.is_running and self.may_edit and not self.engagement.steps_needed
