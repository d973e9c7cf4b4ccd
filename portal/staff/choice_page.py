"""The people that were ticked in the list, and what is done with all of them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from uuid import UUID

from flask import abort
from sqlalchemy import select

from portal.db.base import db
from portal.onboarding.engagements import give_template, hire, latest_engagement
from portal.onboarding.kinds import OnboardingStatus
from portal.onboarding.messages.telling import write_to
from portal.onboarding.templates import OnboardingTemplate
from portal.staff.models import StaffChat, StaffMember, StaffStatus
from portal.tenancy.finding import get_or_404, rows_or_404


class ChosenPeople:
    """Those whose ids an address names."""

    def __init__(self, members: Sequence[StaffMember]) -> None:
        self.members = members

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "ChosenPeople":
        """Those of ``chosen``, by name; 404 where there is none, or one that is not to be found."""
        ids = [each for each in args.get("chosen", "").split(",") if each] or abort(404)
        return cls(sorted(rows_or_404(StaffMember, ids), key=lambda member: member.name.casefold()))

    @property
    def names(self) -> list[str]:
        """What they are called."""
        return [member.display_name for member in self.members]

    @cached_property
    def _reached(self) -> set[UUID]:
        """Those of whom a chat is known."""
        ids = [member.id for member in self.members]
        return set(db.session.scalars(select(StaffChat.staff_member_id).where(StaffChat.staff_member_id.in_(ids))))

    @property
    def unreached(self) -> list[str]:
        """Who has no chat: nobody can tell them anything."""
        return [member.display_name for member in self.staying if member.id not in self._reached]

    @cached_property
    def staying(self) -> list[StaffMember]:
        """Those who have not left."""
        return [each for each in self.members if each.status is not StaffStatus.LEFT and each.erased_at is None]

    @property
    def gone(self) -> list[str]:
        """Who has left."""
        staying = {member.id for member in self.staying}
        return [member.display_name for member in self.members if member.id not in staying]

    def write(self, text: str) -> int:
        """Let the bot tell it to everybody with a chat who has not left; to how many."""
        told = [member for member in self.staying if member.id in self._reached]
        for member in told:
            write_to(member, text)
        return len(told)

    def assign(self, template_id: UUID) -> int:
        """Give a checklist to all who have not left; to how many. Who has none yet is hired by that."""
        template = get_or_404(OnboardingTemplate, template_id)
        for member in self.staying:
            engagement = latest_engagement(member)
            if engagement is None or engagement.status is OnboardingStatus.TERMINATED:
                hire(member, template=template)
            else:
                give_template(engagement, template)
        return len(self.staying)
