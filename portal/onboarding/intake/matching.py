"""Which person of the record somebody in a chat is: by the chat, else by the phone; by the e-mail alone nobody is."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.onboarding.intake.values import ReadValue, shares_a_word
from portal.staff.models import StaffChat, StaffMember
from portal.tenancy.scope import require_scope


@dataclass(frozen=True, slots=True)
class Match:
    """Who it is, and whether somebody has to say so first; nobody where the record knows none such.

    ``by`` is what led there: ``chat``, ``phone`` or ``email``.
    """

    member: StaffMember | None = None
    by: str = ""
    is_doubtful: bool = False


def find_match(dialog: BotDialogState, values: dict[str, ReadValue]) -> Match:
    """Find the person; whoever looks for the same phone at this moment waits until this one is written."""
    phone, email = (_fit(values, field) for field in ("phone", "email"))
    if phone is not None:
        lock(f"phone {phone}")
    # One person is held at most: of two chats that tell each other's number neither waits for the other.
    by, member = "chat", member_of_chat(dialog)
    if member is None:
        by, member = "phone", _held_with(StaffMember.phone, phone)
    if member is not None:
        return Match(member, by, is_doubtful=not is_likely_the_same(member, values))
    found = _held_with(func.lower(StaffMember.email), email and email.lower())
    return Match(found, "email", is_doubtful=True) if found is not None else Match()


def is_likely_the_same(member: StaffMember, values: dict[str, ReadValue]) -> bool:
    """Whether nothing that is known of both speaks against it."""
    name, told = _fit(values, "name"), values.get("birthday")
    born = told.value if told is not None and not told.is_doubtful else None
    if isinstance(born, date) and member.birthday is not None and member.birthday != born:
        return False
    return name is None or shares_a_word(name, member.name)


def member_of_chat(dialog: BotDialogState) -> StaffMember | None:
    """Whose chat it is."""
    link = link_of(dialog)
    return hold_member(link.staff_member_id) if link is not None else None


def link_of(dialog: BotDialogState) -> StaffChat | None:
    """The link of a chat to a person: of the conversation, or of the chat that another row told of before."""
    is_dialog = StaffChat.dialog_id == dialog.id
    is_chat = and_(
        StaffChat.bot_id == dialog.bot_id,
        StaffChat.platform == dialog.platform,
        StaffChat.platform_chat_id == dialog.platform_chat_id,
    )
    query = select(StaffChat).where(or_(is_dialog, is_chat)).order_by(is_chat.desc(), StaffChat.id)
    return db.session.scalar(query.limit(1))


def link_chat(member: StaffMember, dialog: BotDialogState) -> None:
    """Let the chat be the person's, whosever it was."""
    link = link_of(dialog) or StaffChat(bot_id=dialog.bot_id, platform=dialog.platform)
    link.staff_member_id, link.dialog_id = member.id, dialog.id
    # The messenger may call the chat by another id by now.
    link.platform_chat_id = dialog.platform_chat_id
    db.session.add(link)


def hold_member(member_id: UUID) -> StaffMember | None:
    """The person of that id, held until the transaction ends; nobody where they were erased."""
    query = select(StaffMember).where(StaffMember.id == member_id, StaffMember.erased_at.is_(None))
    held = query.with_for_update(of=StaffMember, key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(held).one_or_none()


def holder_of_phone(phone: str) -> StaffMember | None:
    """Whose number it is; they are not held."""
    found = _id_with(StaffMember.phone, phone)
    return db.session.get(StaffMember, found) if found is not None else None


def lock(name: str) -> None:
    """Let nobody else of the account do what goes by that name until the transaction ends."""
    key = func.hashtextextended(f"staff {require_scope().account_id} {name}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(key)))


def _held_with(column: Any, value: str | None) -> StaffMember | None:
    found = _id_with(column, value) if value is not None else None
    return hold_member(found) if found is not None else None


def _id_with(column: Any, value: str) -> UUID | None:
    query = select(StaffMember.id).where(column == value, StaffMember.erased_at.is_(None))
    return db.session.scalar(query.order_by(StaffMember.created_at.desc(), StaffMember.id).limit(1))


def _fit(values: dict[str, ReadValue], field: str) -> Any:
    found = values.get(field)
    return found.value if found is not None and found.is_fit else None
