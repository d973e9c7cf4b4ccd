"""That questions wait is told once for each restaurant, until the last one is answered."""

from collections.abc import Sequence
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.accounts.models import Account
from portal.db.base import db
from portal.notices.kinds import NoticeKind, Severity
from portal.notices.models import Notice
from portal.notices.raising import Subject, raise_notice, resolve_notice
from portal.onboarding.intake.queries import has_open_questions
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import require_scope

STAFF_QUESTIONS = NoticeKind(
    key="staff_questions",
    label=_l("Questions about new people wait"),
    permission=Permission.STAFF_PRIVATE,
    severity=Severity.PROBLEM,
    sentence=lambda content: _("Questions about new people wait: %(place)s.", place=content.label),
    link=lambda content: url_for("account.questions.index"),
)


def tell_of_questions(restaurant_id: UUID | None) -> None:
    """Questions about people of a restaurant, or of none, wait; it is told once, however many they are.

    Nobody is asked whether it is told already: somebody may be telling at this moment that it is over.
    """
    if restaurant_id is None:
        raise_notice(STAFF_QUESTIONS, Subject.of(Account.current()))
    else:
        restaurant = db.session.get_one(Restaurant, restaurant_id)
        raise_notice(STAFF_QUESTIONS, Subject("restaurant", restaurant_id, restaurant.name, restaurant_id))


def tell_of_answers() -> None:
    """Something was answered, or somebody went to another restaurant: where no question is left, that is told."""
    account_id = require_scope().account_id
    for subject_id in _told():
        if not has_open_questions(account_id, None if subject_id == account_id else subject_id):
            resolve_notice(STAFF_QUESTIONS, subject_id)


def is_told(restaurant_id: UUID | None) -> bool:
    """Whether it is told that questions about people of a restaurant, or of none, wait."""
    return (restaurant_id or require_scope().account_id) in _told()


def _told() -> Sequence[UUID]:
    """Of which restaurants it is told that questions wait; the account's own id stands for none."""
    query = select(Notice.entity_id).where(Notice.kind == STAFF_QUESTIONS.key, Notice.resolved_at.is_(None))
    return db.session.scalars(query).all()
