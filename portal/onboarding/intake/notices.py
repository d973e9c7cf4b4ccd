"""That questions wait is told once for each restaurant, until the last one is answered."""

from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.accounts.models import Account
from portal.db.base import db
from portal.notices.kinds import NoticeKind, Severity
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
    """Questions about people of a restaurant, or of none, wait."""
    if restaurant_id is None:
        raise_notice(STAFF_QUESTIONS, Subject.of(Account.current()))
    else:
        restaurant = db.session.get_one(Restaurant, restaurant_id)
        raise_notice(STAFF_QUESTIONS, Subject("restaurant", restaurant_id, restaurant.name, restaurant_id))


def tell_of_answers(restaurant_id: UUID | None) -> None:
    """A question about somebody of a restaurant, or of none, was answered; it is told where none is left."""
    account_id = require_scope().account_id
    if not has_open_questions(account_id, restaurant_id):
        resolve_notice(STAFF_QUESTIONS, restaurant_id or account_id)
