"""What the pages of questions show: those that wait, one of them with its person, those of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, lazyload

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.conversations.addresses import message_url
from portal.db.base import db
from portal.messaging.messages import BotMessage
from portal.onboarding.intake.identity import COMPARED, tells_their_phone
from portal.onboarding.intake.models import QuestionKind, StaffIntake, StaffQuestion
from portal.onboarding.intake.queries import count_unassigned
from portal.onboarding.intake.wording import FIELD_LABELS, sentence_of
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffField, StaffMember, StaffPosition
from portal.tenancy.scope import require_scope
from portal.users.models import User
from portal.web.language import choose_locale
from portal.web.times import day_in_words

# The others come once these are answered.
MAX_SHOWN = 50


@dataclass(frozen=True)
class QuestionLine:
    """One question that waits, for a list."""

    question: StaffQuestion

    @property
    def sentence(self) -> str:
        """Why somebody has to decide."""
        return sentence_of(self.question.kind, self.question.details)

    def url(self, **of: Any) -> str:
        """Its page."""
        return url_for("account.questions.show", staff_question_id=self.question.id, **of)


class WaitingQuestions:
    """The questions that the person of the request may answer, the oldest first."""

    def __init__(self) -> None:
        query = open_questions().options(_with_member()).limit(MAX_SHOWN + 1)
        found = db.session.scalars(query).all()
        self.lines = [QuestionLine(each) for each in found[:MAX_SHOWN]]
        self.has_more = len(found) > MAX_SHOWN

    @cached_property
    def unassigned(self) -> int:
        """How many people have no restaurant: those who are limited to some do not see their questions."""
        scope = require_scope()
        return count_unassigned(scope.account_id) if scope.restaurant_ids is not None else 0


class QuestionPage:
    """One question, with whom it is about and who answered it."""

    def __init__(self, question_id: UUID) -> None:
        query = (
            select(StaffQuestion, StaffIntake.bot_id, StaffIntake.dialog_id, _called(User))
            .outerjoin(StaffIntake, StaffIntake.id == StaffQuestion.intake_id)
            .outerjoin(User, User.id == StaffQuestion.answered_by_id)
            .options(_with_member())
            .where(StaffQuestion.id == question_id)
        )
        found = db.session.execute(query).one_or_none() or abort(404)
        self.question: StaffQuestion = found[0]
        self._bot_id, self._dialog_id, self.answered_by = found[1:]

    @property
    def member(self) -> StaffMember | None:
        """Whom it is about; of an identity, who it may be."""
        return self.question.member

    @property
    def sentence(self) -> str:
        """Why somebody has to decide."""
        return sentence_of(self.question.kind, self.question.details)

    @property
    def chat_url(self) -> str | None:
        """The conversation that it came from."""
        if self._dialog_id is None or not may(Permission.DIALOGS_SEE):
            return None
        return url_for("account.bot_conversations.show", bot_id=self._bot_id, dialog_id=self._dialog_id)

    @property
    def code(self) -> str:
        """What the person told, as codes are kept."""
        return str(self.question.details.get("value") or "").strip()

    @property
    def tells_their_phone(self) -> bool:
        """Whether both have the same number, so that it has to be said whose it is."""
        return self.member is not None and tells_their_phone(self.question, self.member)

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """What is told and what is known, side by side: label, told, known."""
        told, member = self.question.details.get("told") or {}, self.member
        known = {name: shown(getattr(member, name)) for name in COMPARED} if member is not None else {}
        return [
            (str(FIELD_LABELS[name]), shown(told.get(name)), known.get(name, ""))
            for name in COMPARED
            if told.get(name) or known.get(name)
        ]

    @cached_property
    def offers(self) -> list["OfferLine"]:
        """What the chat offers, where that is the question."""
        is_asked = self.question.kind is QuestionKind.VALUES and self.question.is_open
        return offers_for(self.member) if is_asked and self.member is not None else []


@dataclass(frozen=True)
class OfferLine:
    """A value that the chat offers beside the record's.

    ``by`` and ``since`` are who told the record's and when, ``url`` leads to the very message of the chat.
    """

    offer: StaffField
    value: str
    known: str = ""
    by: str = ""
    since: datetime | None = None
    url: str | None = None

    @property
    def label(self) -> str:
        """What the field is called."""
        return str(FIELD_LABELS.get(self.offer.field, self.offer.field))


class QuestionsOf:
    """What waits for an answer about one person, for the person's page."""

    def __init__(self, questions: Sequence[StaffQuestion]) -> None:
        self.lines = [QuestionLine(each) for each in questions]

    @classmethod
    def of(cls, member: StaffMember) -> "QuestionsOf":
        """Those of a person; nothing is asked of the database where none waits."""
        if not member.open_questions or not may(Permission.STAFF_PRIVATE):
            return cls([])
        return cls(db.session.scalars(open_questions(member.id).options(lazyload(StaffQuestion.member))).all())


def open_questions(member_id: UUID | None = None) -> Any:
    """Questions that wait, the oldest first; of one person or of all."""
    query = select(StaffQuestion).where(StaffQuestion.answered_at.is_(None))
    if member_id is not None:
        query = query.where(StaffQuestion.staff_member_id == member_id)
    return query.order_by(StaffQuestion.created_at, StaffQuestion.id)


def next_question(member_id: UUID | None = None) -> UUID | None:
    """The next one that waits."""
    query = open_questions(member_id).with_only_columns(StaffQuestion.id)
    found: UUID | None = db.session.scalar(query.limit(1))
    return found


def offers_for(member: StaffMember) -> list[OfferLine]:
    """What the chat offers, each beside what the record says and who said that."""
    query = (
        select(StaffField, _called(User), BotMessage.bot_id, BotMessage.dialog_id, BotMessage.seq)
        .outerjoin(User, User.id == StaffField.user_id)
        .outerjoin(BotMessage, BotMessage.id == StaffField.message_id)
        .where(StaffField.staff_member_id == member.id, StaffField.held | StaffField.is_current)
        .order_by(StaffField.created_at, StaffField.id)
    )
    found = db.session.execute(query).all()
    current = {field.field: (field, by) for field, by, *_place in found if field.is_current}
    return [_offer(field, current.get(field.field), message_url(*place)) for field, _by, *place in found if field.held]


def _offer(offer: StaffField, standing: tuple[StaffField, str | None] | None, url: str | None) -> OfferLine:
    value = named(offer.field, offer.value)
    if standing is None:
        return OfferLine(offer, value, url=url)
    known, by = standing
    source = by or str(known.source.label)
    return OfferLine(offer, value, named(offer.field, known.value), source, known.created_at, url)


def named(field: str, value: str | None) -> str:
    """A kept value as people read it: what a restaurant or position is called, a day in words."""
    if field in ("restaurant", "position") and value:
        entity: Any = Restaurant if field == "restaurant" else StaffPosition
        row = db.session.get(entity, UUID(value))
        return str(row.name) if row is not None else ""
    return shown(value)


def shown(value: Any) -> str:
    """A value as people read it; a day in words."""
    if isinstance(value, str) and len(value) == 10:
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return value
    return day_in_words(value, choose_locale()) if isinstance(value, date) else str(value or "")


def _called(user: Any) -> Any:
    return func.coalesce(func.nullif(user.full_name, ""), user.email)


def _with_member() -> Any:
    # Not while the module is loaded: whoever asks a mapped class for its joins needs every class there is.
    return joinedload(StaffQuestion.member).options(
        joinedload(StaffMember.restaurant), joinedload(StaffMember.position)
    )
