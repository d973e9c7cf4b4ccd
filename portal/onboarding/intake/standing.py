"""How a bot stands with the record: its rule, what came of its latest conversations, what the rule still finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.onboarding.intake.models import BotIntakeRule, Outcome, StaffIntake
from portal.onboarding.intake.survey import Survey
from portal.onboarding.intake.trigger import Trigger
from portal.staff.models import StaffMember
from portal.web.times import as_utc

LATEST = 8


@dataclass(frozen=True, slots=True)
class LatestIntake:
    """What came of one conversation, and whose record it is."""

    outcome: Any
    at: datetime
    member_id: UUID | None
    name: str
    dialog_id: UUID


@dataclass(frozen=True)
class BotIntake:
    """The rule of a bot as it was read beside the bot, and the latest conversations that pulled its trigger."""

    rule: dict[str, Any] | None
    latest: Sequence[LatestIntake]

    @classmethod
    def read(cls, rule: Any, latest: Any) -> "BotIntake":
        """What the columns of :func:`intake_columns` gave."""
        return cls(rule, [_read_latest(each) for each in latest])

    @property
    def is_on(self) -> bool:
        """Whether answers are taken into the record."""
        return self.rule is not None and bool(self.rule["is_on"])

    def missing(self, survey: Survey) -> list[str]:
        """Variables that the rule names and nobody asks any more."""
        return missing_variables(self.rule, survey) if self.rule is not None else []


def intake_columns(bot_id: UUID) -> tuple[ScalarSelect[Any], ScalarSelect[Any]]:
    """The rule and the latest intakes of a bot, for a statement that reads the bot anyway."""
    r, i, m = BotIntakeRule, StaffIntake, StaffMember
    keys = ("trigger", "fields", "documents", "consent", "is_on")
    told = [part for key in keys for part in (key, getattr(r, key))]
    rule = select(func.jsonb_build_object(*told)).where(r.bot_id == bot_id).scalar_subquery()
    latest = (
        select(i.outcome, i.created_at, i.dialog_id, m.id.label("member_id"), m.name)
        .outerjoin(m, m.id == i.staff_member_id)
        .where(i.bot_id == bot_id)
        .order_by(i.created_at.desc(), i.id)
        .limit(LATEST)
        .subquery()
    )
    line = func.jsonb_build_array(
        *(latest.c[name] for name in ("outcome", "created_at", "member_id", "name", "dialog_id"))
    )
    ordered = func.jsonb_agg(aggregate_order_by(line, latest.c.created_at.desc()))
    return rule, select(func.coalesce(ordered, func.jsonb_build_array())).scalar_subquery()


def missing_variables(rule: dict[str, Any], survey: Survey) -> list[str]:
    """In the order of the fields; the trigger's own first."""
    trigger = Trigger.read(rule["trigger"])
    parts = [each if isinstance(each, list) else [each] for each in rule["fields"].values()]
    named = [trigger.variable, *(name for part in parts for name in part), *rule["documents"].values(), rule["consent"]]
    # What a link brings along is asked by nobody.
    return [name for name in dict.fromkeys(named) if name and name not in survey.variables and name != "start_payload"]


def _read_latest(told: Sequence[Any]) -> LatestIntake:
    outcome, at, member_id, name, dialog_id = told
    moment = as_utc(datetime.fromisoformat(at))
    return LatestIntake(
        Outcome.read(outcome), moment, UUID(member_id) if member_id else None, name or "", UUID(dialog_id)
    )
