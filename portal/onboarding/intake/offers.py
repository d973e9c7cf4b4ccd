"""Values that the chat offers while the record says something else: somebody takes each, or keeps what is there."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from portal.audit.recording import acting_id
from portal.db.base import db
from portal.onboarding.intake.asking import follow_notices, open_question
from portal.onboarding.intake.following import follow_taken
from portal.onboarding.intake.log import Changes
from portal.onboarding.intake.matching import hold_member, holder_of_phone
from portal.onboarding.intake.models import QuestionKind
from portal.onboarding.intake.values import fit_value
from portal.staff.models import StaffField, StaffMember
from portal.staff.provenance import FIELDS, current_values, offers_of
from portal.tenancy.scope import account_scope, require_scope
from portal.web.values import uuid_or_none


class OfferRefused(Exception):
    """A value cannot be taken: the record cannot hold it, or it is the number of ``holder``."""

    def __init__(self, holder: StaffMember | None = None) -> None:
        super().__init__("refused")
        self.holder = holder

    @property
    def told(self) -> str:
        """Why, in words; of somebody whom the person of the request does not see no name is told."""
        if self.holder is None:
            return _("The record cannot hold this value. Write the right one by hand.")
        restaurants = require_scope().restaurant_ids
        if restaurants is None or self.holder.restaurant_id in restaurants:
            return _("This is the number of %(name)s.", name=self.holder.display_name)
        return _("This is the number of somebody in another restaurant.")


def decide(offer: StaffField, *, is_taken: bool) -> bool:
    """Take an offered value, or keep the record's; whether there was still something to decide.

    Raises :class:`OfferRefused`.
    """
    with account_scope(require_scope().account_id):
        member = hold_member(offer.staff_member_id)
        if member is None:
            return False
        db.session.refresh(offer)
        if not offer.held:
            return False
        if is_taken:
            _take(member, offer)
        # Not before: what cannot be taken stays on offer.
        offer.held = False
        db.session.flush()
        question = open_question(QuestionKind.VALUES, member)
        if question is not None:
            question.answer = (question.answer or {}) | {offer.field: "taken" if is_taken else "kept"}
            if not offers_of(member):
                question.settle(question.answer, acting_id())
        follow_notices(member)
        return True


def _take(member: StaffMember, offer: StaffField) -> None:
    value = value_of(offer)
    if value is None:
        raise OfferRefused
    if offer.field == "phone" and (holder := holder_of_phone(value)) is not None and holder.id != member.id:
        raise OfferRefused(holder)
    changes = Changes(member, is_new=False)
    if (standing := current_values(member).get(offer.field)) is not None:
        standing.is_current = False
        db.session.flush()
    offer.is_current, offer.held = True, False
    if attribute := FIELDS[offer.field]:
        setattr(member, attribute, value)
    db.session.flush()
    changes.record()
    follow_taken(member, {offer.field}, value if isinstance(value, datetime) else None)


def value_of(offer: StaffField) -> Any:
    """What the record would hold; ``None`` where it cannot."""
    text = offer.value or ""
    if offer.field in ("restaurant", "position"):
        return uuid_or_none(text)
    if offer.field == "first_shift_at":
        return datetime.fromisoformat(text)
    return fit_value(offer.field, text)
