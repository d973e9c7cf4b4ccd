"""What the demo bot was told comes into the record by the very intake; a manager has answered most of what it asked."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import select

from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.development.demo.staff import bots_that_hire, dated_back
from portal.messaging.messages import BotMessage
from portal.onboarding.days import zone_of
from portal.onboarding.intake.answering import answer_date, answer_restaurant
from portal.onboarding.intake.jobs import take_in
from portal.onboarding.intake.models import BotIntakeRule, QuestionKind, StaffQuestion
from portal.staff.papers.seeds import MEDICAL_EXAM
from portal.web.times import zone

CONFIRMED = {"variable": "confirmation", "equals": "confirmed"}
FIELDS = {
    "name": ["full_name"],
    **{name: name for name in ("position", "phone", "email", "birthday", "uniform_size", "emergency_contact")},
}
DOCUMENTS = {MEDICAL_EXAM: "medical_book_photo"}
# Of those whom the bot has hired, the latest few still wait for an answer.
UNANSWERED = 3
FIRST_HOUR = time(10)


def take_conversations(chain: DemoChain, restaurants: Mapping[str, UUID]) -> None:
    """Declare the rule of each bot that asks new people, and take in whoever confirmed their answers."""
    for bot in bots_that_hire(chain):
        rule = BotIntakeRule(bot_id=bot.id, trigger=CONFIRMED, fields=FIELDS, documents=DOCUMENTS)
        db.session.add(rule)
        db.session.flush()
        query = select(BotMessage).where(
            BotMessage.bot_id == bot.id, BotMessage.variable == "confirmation", BotMessage.value == "confirmed"
        )
        for message in db.session.scalars(query.order_by(BotMessage.created_at)).all():
            with force_locale("ru"), dated_back(chain, message.created_at):
                take_in(message.id, message.dialog_id)
    _answer(chain, list(restaurants.values())[:3])


def _answer(chain: DemoChain, places: list[UUID]) -> None:
    """Say where those work whom the bot hired, and when they begin; the latest few are left to whoever looks."""
    open_ones = select(StaffQuestion).where(StaffQuestion.answered_at.is_(None), StaffQuestion.kind == "restaurant")
    waiting = db.session.scalars(open_ones.order_by(StaffQuestion.created_at, StaffQuestion.id)).all()
    for number, question in enumerate(waiting[:-UNANSWERED]):
        with force_locale("ru"), dated_back(chain, chain.ago(days=2 - number * 0.05)):
            place = places[number % len(places)]
            answer_restaurant(question, place, remember=False)
            _answer_date(chain, question, place, number)


def _answer_date(chain: DemoChain, question: StaffQuestion, place: UUID, number: int) -> None:
    asked = select(StaffQuestion).where(
        StaffQuestion.staff_member_id == question.staff_member_id,
        StaffQuestion.kind == QuestionKind.DATE,
        StaffQuestion.answered_at.is_(None),
    )
    for each in db.session.scalars(asked).all():
        day = chain.now.date() + timedelta(days=number % 6 - 2)
        answer_date(each, datetime.combine(day, FIRST_HOUR, zone(zone_of(place))))
