"""Writes what a conversation told into the record of one person, and asks what only somebody can decide."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messaging.messages import BotMessage
from portal.onboarding.days import local_day, zone_of
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.engagements import hire, open_engagement
from portal.onboarding.intake.answers import IntakeAnswers
from portal.onboarding.intake.asking import ask, settle
from portal.onboarding.intake.following import follow_taken
from portal.onboarding.intake.log import Changes
from portal.onboarding.intake.matching import holder_of_phone, link_chat
from portal.onboarding.intake.models import Outcome, QuestionKind, StaffIntake
from portal.onboarding.intake.places import FoundRestaurant, find_position, find_restaurant
from portal.onboarding.intake.shifts import DateDoubt, Shift, read_shift
from portal.onboarding.intake.values import ReadValue, read_values
from portal.staff.models import Source, StaffField, StaffMember, StaffPosition
from portal.staff.papers.models import DocumentType
from portal.staff.papers.verbs import receive_paper
from portal.staff.provenance import Taken, Told, current_values, offer, offers_of, take
from portal.web.times import in_zone

CONSENT = "consent"
# Whoever answers so has not agreed to anything.
REFUSALS = frozenset(("", "0", "no", "false", "disagree", "decline", "declined", "refuse", "refused", "нет"))
# As somebody would type it.
TYPED = "%d.%m.%Y %H:%M"


@dataclass
class RecordWriter:
    """One intake on its way into one record; ``without_phone`` where the number is somebody else's."""

    intake: StaffIntake
    dialog: BotDialogState
    answers: IntakeAnswers
    without_phone: bool = False
    # On whose clocks the person spoke: known once the restaurant is.
    zone: str | None = None
    taken: set[str] = field(default_factory=set)

    @cached_property
    def values(self) -> dict[str, ReadValue]:
        """What the answers say of the person."""
        return {each.field: each for each in read_values(self.answers)}

    @cached_property
    def restaurant(self) -> FoundRestaurant:
        """What they say of the restaurant."""
        return find_restaurant(self.answers)

    @cached_property
    def position(self) -> StaffPosition | None:
        """What they say of the position, where the chain has it."""
        answer = self.answers.first("position")
        return find_position(answer) if answer is not None else None

    def write(self, member: StaffMember | None) -> StaffMember:
        """Take the values into a record, a new one where the person has none."""
        is_new = member is None
        member = member or self._new_member()
        changes = Changes(member, is_new=is_new)
        current = current_values(member)
        for told in self._told(member):
            self._take(member, told, current)
        self._offer_what_is_doubtful(member, current)
        link_chat(member, self.dialog)
        self._take_consent(member)
        db.session.flush()
        self.zone = zone_of(member.restaurant_id)
        engagement = self._engage(member, current)
        self._take_papers(member)
        self.intake.staff_member_id, self.intake.staff_onboarding_id = member.id, engagement.id
        self.intake.outcome = self._outcome(is_new=is_new)
        self._ask(member, engagement, current)
        changes.record(self.dialog.bot.name)
        return member

    def _outcome(self, *, is_new: bool) -> Outcome:
        if is_new:
            return Outcome.CREATED
        return Outcome.UPDATED if self.taken else Outcome.UNCHANGED

    def _new_member(self) -> StaffMember:
        name = self.values.get("name")
        member = StaffMember(name=name.value if name else self.answers.name)
        db.session.add(member)
        db.session.flush()
        return member

    def _told(self, member: StaffMember) -> Iterator[Told]:
        """What can be taken as it was told."""
        if (found := self.restaurant).restaurant is not None:
            yield Told("restaurant", found.restaurant.id, Source.CHAT, found.messages)
        answer = self.answers.first("position")
        if self.position is not None and answer is not None:
            yield Told("position", self.position.id, Source.CHAT, (answer.message_id,))
        for value in self.values.values():
            if value.is_fit and not value.is_doubtful and not self._is_of_another(member, value):
                yield self._as_told(value)

    def _as_told(self, value: ReadValue) -> Told:
        return Told(value.field, value.value, Source.CHAT, value.messages)

    def _is_of_another(self, member: StaffMember, value: ReadValue) -> bool:
        """Whether it is a number that somebody else has: a number is one person's."""
        if value.field != "phone" or member.phone == value.value:
            return False
        return self.without_phone or holder_of_phone(value.value) is not None

    def _take(self, member: StaffMember, told: Told, current: dict[str, StaffField]) -> None:
        if take(member, told, current) is Taken.NEW:
            self.taken.add(told.field)

    def _offer_what_is_doubtful(self, member: StaffMember, current: dict[str, StaffField]) -> None:
        for value in self.values.values():
            is_taken_as_it_is = value.is_fit and not value.is_doubtful and not self._is_of_another(member, value)
            if is_taken_as_it_is or (value.field == "phone" and self.without_phone):
                continue
            told, standing = self._as_told(value), current.get(value.field)
            if standing is None or standing.value != told.text:
                offer(member, told, standing)

    def _take_consent(self, member: StaffMember) -> None:
        """Keep which text was agreed to, and in which message: the first one of that text; none after a refusal."""
        answer = self.answers.consent
        if answer is None:
            return
        own = (StaffField.staff_member_id == member.id, StaffField.field == CONSENT, StaffField.is_current)
        former = db.session.scalar(select(StaffField).where(*own))
        if former is not None and former.value == answer.shown:
            return
        if former is not None:
            former.is_current = False
            db.session.flush()
        if answer.value.strip().casefold() not in REFUSALS:
            told = {"value": answer.shown, "message_id": answer.message_id, "source": Source.CHAT, "is_current": True}
            db.session.add(StaffField(staff_member_id=member.id, field=CONSENT, **told))

    def _engage(self, member: StaffMember, current: dict[str, StaffField]) -> StaffOnboarding:
        engagement = open_engagement(member)
        if engagement is None:
            self._forget_former_shift(current)
            return self._hire(member, current)
        self._take_shift(member, current)
        if change := follow_taken(member, self.taken, self.shift.at):
            steps = {"gone": list(change.gone), "new": list(change.new)}
            self.intake.details = self.intake.details | {"steps": steps}
        return engagement

    def _hire(self, member: StaffMember, current: dict[str, StaffField]) -> StaffOnboarding:
        self._take_shift(member, current)
        self.taken.add("engagement")
        hired_on = local_day(self.answers.moment, self.zone)
        proof = self.intake.trigger_message_id
        return hire(member, first_shift_at=self.shift.at, hired_on=hired_on, proof=proof)

    def _forget_former_shift(self, current: dict[str, StaffField]) -> None:
        """Of an engagement that is over, whoever told it."""
        former = current.pop("first_shift_at", None)
        if former is not None:
            former.is_current = False
            db.session.flush()

    def _take_shift(self, member: StaffMember, current: dict[str, StaffField]) -> None:
        answer = self.answers.first("first_shift_at")
        if answer is not None and self.shift.at is not None:
            self._take(member, Told("first_shift_at", self.shift.at, Source.CHAT, (answer.message_id,)), current)

    @cached_property
    def shift(self) -> Shift:
        """What they say of the first shift."""
        return shift_in(self.answers, self.zone)

    def _take_papers(self, member: StaffMember) -> None:
        for code, answer in self.answers.documents.items():
            kind = db.session.scalar(
                select(DocumentType).where(func.lower(DocumentType.code) == code.lower(), DocumentType.is_active)
            )
            if kind is not None and answer.file:
                receive_paper(member, kind, answer.message_id, file_of(answer.message_id))

    def _ask(self, member: StaffMember, engagement: StaffOnboarding, current: dict[str, StaffField]) -> None:
        """Ask what is missing; what was asked before and is known now is settled, and so is what a hand has set."""
        by_hand = {name for name, each in current.items() if each.source is Source.HAND}
        asked = {
            QuestionKind.RESTAURANT: None if "restaurant" in by_hand else self._restaurant_question(member),
            QuestionKind.POSITION: None if "position" in by_hand else self._position_question(),
            QuestionKind.DATE: None if "first_shift_at" in by_hand else self._date_question(engagement),
            QuestionKind.VALUES: {} if offers_of(member) else None,
        }
        for kind, details in asked.items():
            if details is not None:
                ask(kind, member, self.intake, **details)
            elif kind is not QuestionKind.POSITION or self.position is not None:
                settle(kind, member, self.intake)

    def _restaurant_question(self, member: StaffMember) -> dict[str, Any] | None:
        told = self.restaurant.answer
        is_known = member.restaurant_id is not None and (told is None or self.restaurant.restaurant is not None)
        if is_known:
            return None
        value = {"value": told.value, "label": told.shown} if told else {}
        return value | {"archived": self.restaurant.archived}

    def _position_question(self) -> dict[str, Any] | None:
        asked = self.answers.first("position")
        return {"value": asked.value, "label": asked.shown} if asked is not None and self.position is None else None

    def _date_question(self, engagement: StaffOnboarding) -> dict[str, Any] | None:
        answer, doubt = self.answers.first("first_shift_at"), self.shift.doubt
        if doubt is None or (answer is None and engagement.first_shift_at is not None):
            return None
        kept = self.shift.at and in_zone(self.shift.at, self.zone).strftime(TYPED)
        return {"reason": doubt.value, "value": answer.value if answer else "", "kept": kept}


def shift_in(answers: IntakeAnswers, zone_name: str | None) -> Shift:
    """The first shift that was answered, read on the clocks of a zone."""
    answer = answers.first("first_shift_at")
    return read_shift(answer.value, answer.moment, zone_name) if answer else Shift(None, DateDoubt.MISSING)


def file_of(message_id: UUID) -> UUID | None:
    """The file that came with a message, if it was fetched; who fetches it now finds the paper, or is waited for."""
    query = select(BotMessage.file_id).where(BotMessage.id == message_id)
    return db.session.scalar(query.with_for_update(read=True))
