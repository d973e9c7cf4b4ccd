"""Who works in a demo chain: people in every state, by the same verbs as people and the bot use."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import event, select, update

from portal.audit.models import AuditEvent
from portal.bots.models import BotInstance
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.onboarding.days import zone_of
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.engagements import hire
from portal.onboarding.models import steps_of
from portal.onboarding.seeds import seed_default_template
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.hiring_page import USUAL_HOUR
from portal.staff.models import RestaurantCode, Source, StaffField, StaffMember, StaffPosition
from portal.staff.papers.models import DocumentType
from portal.staff.papers.seeds import MEDICAL_EXAM, seed_document_types
from portal.staff.papers.verbs import accept, accept_original
from portal.staff.telling import add_member
from portal.web.times import zone

POSITIONS = (
    ("cook", "Повар", True), ("dumpling_maker", "Мастер по лепке", True), ("waiter", "Официант", False),
    ("barman", "Бармен", False), ("courier", "Курьер", False), ("shift_manager", "Менеджер смены", False),
)  # fmt: skip
KITCHEN_STEPS = (
    ("information_collection", "Анкета из чата", -7, "intake"), ("uniform", "Форма и шкафчик", -2, "hand"),
    ("medical_book", "Медицинская книжка", -1, "document"), ("contract_signing", "Подписание договора", 0, "hand"),
    ("first_shift_debrief", "Разговор после первой смены", 1, "hand"),
)  # fmt: skip


@dataclass(frozen=True)
class Life:
    """How far somebody has come: days from today, below zero in the past, and how many steps are done."""

    starts: int | None = None
    steps: int = 0
    paper: int | None = None
    left: int | None = None


# By the word in the plans.
LIVES = {
    "candidate": None,
    "today": Life(0, 3, 300),
    "tomorrow": Life(1, 2),
    "tomorrow_late": Life(1, 0),
    "soon": Life(5, 1),
    "late": Life(-6, 2),
    "course": Life(-3, 4, 200),
    "done": Life(-60, 9, 150),
    "expiring": Life(-300, 9, 9),
    "expired": Life(-340, 9, -12),
    "left": Life(-120, 9, 90, left=-20),
}


def add_staff(chain: DemoChain, restaurants: Mapping[str, UUID]) -> None:
    """Positions, codes, checklists, kinds of papers and the people of the plan; what the bot was told comes after."""
    with force_locale("ru"), dated_back(chain, chain.ago(days=24)):
        kinds = seed_document_types("ru")
        positions = _add_positions(chain)
        _add_codes(chain, restaurants)
        seed_default_template()
        _add_kitchen_checklist(chain, positions["cook"], kinds[MEDICAL_EXAM])
    for number, (name, code, place, life, telling) in enumerate(chain.plan["staff"]):
        with force_locale("ru"), dated_back(chain, chain.ago(days=12 - number * 0.8, spread=0.3)):
            restaurant_id = restaurants[place] if place else None
            values = {"name": name, "position_id": positions[code].id, "restaurant_id": restaurant_id, **telling}
            member = add_member(_typed(values) | {"id": chain.id_of("staff_member", number)}, Source.HAND)
            _live(chain, member, LIVES[life], kinds[MEDICAL_EXAM])
    told_by = chain.people["manager"].id
    db.session.execute(update(StaffField).where(StaffField.source == Source.HAND).values(user_id=told_by))


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    birthday = values.get("birthday")
    return values | ({"birthday": date.fromisoformat(birthday)} if birthday else {})


def _add_positions(chain: DemoChain) -> dict[str, StaffPosition]:
    found = {}
    for code, name, is_kitchen in POSITIONS:
        position = StaffPosition(id=chain.id_of("staff_position", code), code=code, name=name, is_kitchen=is_kitchen)
        position.open()
        found[code] = position
    return found


def _add_codes(chain: DemoChain, restaurants: Mapping[str, UUID]) -> None:
    """Two codes for the first restaurants: what scenarios call them."""
    for number, restaurant_id in enumerate(list(restaurants.values())[:2], start=1):
        RestaurantCode(
            id=chain.id_of("restaurant_code", number), restaurant_id=restaurant_id, code=f"city{number}"
        ).open()


def _add_kitchen_checklist(chain: DemoChain, cook: StaffPosition, exam: DocumentType) -> None:
    template = OnboardingTemplate(
        id=chain.id_of("onboarding_template", "cook"), name="Кухня: повар", position_id=cook.id
    )
    template.open()
    for position, (code, name, offset, by) in enumerate(KITCHEN_STEPS, start=1):
        db.session.add(
            OnboardingTemplateStep(
                template_id=template.id,
                position=position,
                code=code,
                name=name,
                offset_days=offset,
                completed_by=by,
                document_type_id=exam.id if by == "document" else None,
            )
        )
    db.session.flush()


def _live(chain: DemoChain, member: StaffMember, life: Life | None, exam: DocumentType) -> None:
    """Hire the person and bring them as far as the plan says."""
    if life is None or life.starts is None:
        return
    today = chain.now.date()
    starts = today + timedelta(days=life.starts)
    shift = datetime.combine(starts, USUAL_HOUR, zone(zone_of(member.restaurant_id))).astimezone(UTC)
    engagement = hire(member, first_shift_at=shift, hired_on=min(today, starts - timedelta(days=7)))
    if life.paper is not None:
        lasts = today + timedelta(days=max(life.paper, 1))
        document = accept_original(member, exam, "4821", lasts, lasts - timedelta(days=365))
        if life.paper < 0:
            ended = today + timedelta(days=life.paper)
            accept(document, ended - timedelta(days=365), ended, "4821")
    _tick(engagement, life, min(today, starts))
    if life.left is not None:
        engagement.terminate(today + timedelta(days=life.left), "Переезд в другой город")


def _tick(engagement: StaffOnboarding, life: Life, day: date) -> None:
    open_steps = [step for step in steps_of(engagement) if step.status.is_open]
    ticked = [step for step in open_steps if step.document_type_id is None]
    for step in ticked[: life.steps]:
        step.complete(on=day)


@contextmanager
def dated_back(chain: DemoChain, at: datetime | Callable[[AuditEvent], datetime]) -> Iterator[None]:
    """What verbs write into the log meanwhile was done by the manager, then; ``at`` may tell it of each line."""
    manager = chain.people["manager"]

    def date_back(_mapper: Any, _connection: Any, line: AuditEvent) -> None:
        line.at, line.actor_id = at(line) if callable(at) else at, line.actor_id or manager.id
        line.actor_name, line.actor_email = line.actor_name or manager.full_name, line.actor_email or manager.email

    event.listen(AuditEvent, "before_insert", date_back)
    try:
        yield
        db.session.flush()
    finally:
        event.remove(AuditEvent, "before_insert", date_back)


def bots_that_hire(chain: DemoChain) -> list[BotInstance]:
    """The bots that ask a new person."""
    names = [plan["name"] for plan in chain.plan["bots"] if any("onboarding" in each for each in plan["scenarios"])]
    return list(db.session.scalars(select(BotInstance).where(BotInstance.name.in_(names))))
