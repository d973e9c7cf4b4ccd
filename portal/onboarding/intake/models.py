"""Which answers of a bot's conversations fill the record, what came of each, and what only a person can decide."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, select, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import loggable_of, record
from portal.bots.models import BotInstance
from portal.db.base import TenantEntity, db
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum, utc_now
from portal.db.words import counted
from portal.media.files import BotFile  # noqa: F401
from portal.messaging.messages import BotMessage  # noqa: F401
from portal.onboarding.engagements import StaffOnboarding  # noqa: F401
from portal.staff.models import StaffMember


class Outcome(LabelledEnum):
    """What came of a confirmed conversation."""

    CREATED = "created", _l("Record created")
    UPDATED = "updated", _l("Record updated")
    UNCHANGED = "unchanged", _l("Nothing new")
    HELD = "held", _l("Waits for an answer")
    FAILED = "failed", _l("Failed")


class QuestionKind(LabelledEnum):
    """What only a person can decide."""

    RESTAURANT = "restaurant", _l("Which restaurant?")
    POSITION = "position", _l("Which position?")
    DATE = "date", _l("When is the first shift?")
    IDENTITY = "identity", _l("The same person?")
    VALUES = "values", _l("Which value is right?")


class BotIntakeRule(
    TenantEntity,
    label=_l("Staff record of a bot"),
    fields={
        "answers_status": _l("Answers /status"),
        "consent": _l("Consent"),
        "documents": _l("Papers"),
        "fields": _l("Fields"),
        "is_on": _l("Switched on"),
        "restaurant_id": _l("Restaurant"),
        "trigger": _l("When"),
    },
):
    """What pulls the trigger in a bot's conversations, and which answer fills which field.

    ``trigger`` is one of ``{"variable": …, "equals": …}`` (``equals`` left out: any value), ``{"step": …}`` and
    ``{"finished": true}``. ``fields`` name a variable for each field of the record (the name a list of them),
    ``documents`` one for each kind of paper by its code; ``consent`` is the variable of the person's consent.
    """

    __tablename__ = "bot_intake_rule"
    __restaurant_limit__ = RestaurantLimit("restaurant_id", unassigned_visible=True)
    __table_args__ = (
        *table_args(
            "bot_intake_rule",
            references={"bot_id": "bot_instance", "restaurant_id": "restaurant"},
            archivable=False,
            on_delete={"bot_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "bot_id"),
    )

    bot_id: Mapped[UUID]
    trigger: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    documents: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    consent: Mapped[str | None]
    answers_status: Mapped[bool] = mapped_column(default=False, server_default=false())
    restaurant_id: Mapped[UUID | None]
    is_on: Mapped[bool] = mapped_column(default=True, server_default=true())

    @classmethod
    def of(cls, bot: BotInstance) -> "BotIntakeRule":
        """The rule of a bot, or a new one; whoever declares one has the bot to themselves until the commit."""
        held = select(BotInstance.id).where(BotInstance.id == bot.id).with_for_update(key_share=True)
        db.session.execute(held)
        return db.session.scalar(select(cls).where(cls.bot_id == bot.id)) or cls(bot_id=bot.id)

    def declare(self, bot: BotInstance, **values: Any) -> None:
        """Say what is taken from the bot's conversations; the log tells it as people wrote it."""
        is_new, before = self.id is None, self._told()
        for name, value in values.items():
            setattr(self, name, value)
        db.session.add(self)
        db.session.flush()
        after = self._told()
        if is_new:
            record(Action.CREATED, self, after=after, label=bot.name)
        elif changed := [key for key in after if after[key] != before.get(key)]:
            was, told = ({key: values.get(key) for key in changed} for values in (before, after))
            record(Action.EDITED, self, before=was, after=told, label=bot.name)

    def _told(self) -> dict[str, Any]:
        """The columns as lines of the log: what is a list of pairs as one text."""
        pairs = {key: getattr(self, key) or {} for key in ("trigger", "fields", "documents")}
        told = {
            key: ", ".join(f"{name}: {_listed(value)}" for name, value in each.items()) for key, each in pairs.items()
        }
        rest = {key: getattr(self, key) for key in ("consent", "answers_status", "is_on")}
        return told | rest | {"restaurant_id": loggable_of(self, "restaurant_id", self.restaurant_id)}


def _listed(value: Any) -> str:
    return " + ".join(map(str, value)) if isinstance(value, list) else str(value)


class StaffIntake(TenantEntity, label=_l("Answers from a chat")):
    """One confirmed conversation that arrived at the record; ``details`` are the values that it brought."""

    __tablename__ = "staff_intake"
    __restaurant_limit__ = RestaurantLimit("staff_member_id", parent=StaffMember)
    __table_args__ = (
        *table_args(
            "staff_intake",
            references={
                "bot_id": "bot_instance",
                "dialog_id": "bot_dialog_state",
                "trigger_message_id": "bot_message",
                "staff_member_id": "staff_member",
                "staff_onboarding_id": "staff_onboarding",
            },
            archivable=False,
            on_delete={
                "dialog_id": "CASCADE",
                "trigger_message_id": "SET NULL (trigger_message_id)",
                "staff_member_id": "SET NULL (staff_member_id)",
                "staff_onboarding_id": "SET NULL (staff_onboarding_id)",
            },
        ),
        UniqueConstraint("account_id", "trigger_message_id"),
        CheckConstraint(f"outcome IN {tuple(Outcome.words())}", name="outcome"),
    )

    bot_id: Mapped[UUID]
    dialog_id: Mapped[UUID]
    trigger_message_id: Mapped[UUID | None]
    outcome: Mapped[Outcome] = mapped_column(EnumText(Outcome))
    staff_member_id: Mapped[UUID | None]
    staff_onboarding_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))


class StaffQuestion(
    TenantEntity,
    label=_l("Question"),
    plural=_l("Questions"),
    count=counted("%(num)s question", "%(num)s questions"),
    fields={"kind": _l("Question"), "answer": _l("Answer")},
):
    """What somebody has to decide about a person; under ``identity`` the answers wait, and no record has them yet."""

    __tablename__ = "staff_question"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "staff_question",
            references={
                "staff_member_id": "staff_member",
                "intake_id": "staff_intake",
                "restaurant_id": "restaurant",
                "answered_by_id": "user",
            },
            listed_by=("created_at",),
            archivable=False,
            on_delete={"staff_member_id": "CASCADE", "intake_id": "CASCADE"},
        ),
        CheckConstraint(f"kind IN {tuple(QuestionKind.words())}", name="kind"),
        Index(
            "uix_staff_question_open",
            "account_id",
            "intake_id",
            "kind",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index(
            "ix_staff_question_waiting",
            "account_id",
            "created_at",
            "id",
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    kind: Mapped[QuestionKind] = mapped_column(EnumText(QuestionKind))
    staff_member_id: Mapped[UUID | None]
    intake_id: Mapped[UUID | None]
    restaurant_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[UUID | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    member: Mapped[StaffMember | None] = relationship(viewonly=True)
    intake: Mapped[StaffIntake | None] = relationship(viewonly=True)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.answered_at is None

    def settle(self, answer: dict[str, Any], by_id: UUID | None = None) -> None:
        """It is decided; ``by_id`` is who decided it, nobody where a later conversation did."""
        self.answer, self.answered_at, self.answered_by_id = answer, utc_now(), by_id
