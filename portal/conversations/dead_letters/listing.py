"""The lists of a bot's dead letters: messages that were not delivered, deliveries that could not be worked on."""

from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, func, select, true, update

from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.conversations.dead_letters.waiting import any_held_up
from portal.conversations.listing import place_in_talk
from portal.conversations.models import UNSENT, BotDialogState, called
from portal.conversations.transcript import reason
from portal.db.base import db
from portal.messaging.events import UpdateKind
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.messaging.notices import MESSAGES_UNDELIVERED, UPDATES_UNPROCESSED
from portal.messengers.registry import platform_label
from portal.notices.raising import resolve_notice
from portal.tenancy.finding import chosen_rows
from portal.users.models import User
from portal.web.listing import Export, Listing, Parent, Sort
from portal.web.listing.declaration import capped_count

KINDS: dict[str, LazyString] = {
    UpdateKind.MESSAGE: _l("A message"),
    UpdateKind.PRESS: _l("A pressed button"),
    UpdateKind.OPENED: _l("Opening the chat"),
    UpdateKind.EDITED: _l("A changed message"),
    UpdateKind.NEWS: _l("News of a message or a guest"),
    UpdateKind.BLOCKED: _l("Blocking the bot"),
    UpdateKind.UNBLOCKED: _l("Unblocking the bot"),
    UpdateKind.RECEIPT: _l("News of a delivery"),
    UpdateKind.UNKNOWN: _l("Something the portal does not know"),
}

m = BotMessage.__table__.c
i = InboundUpdate.__table__.c
d = BotDialogState.__table__.c
b = BotInstance.__table__.c
c = BotPlatformCredential.__table__.c
u = User.__table__.c

FAILED = m.state == "failed"
DEAD = i.state == "dead"


def waiting(columns: Any, condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of the bot that the list stands on wait; few ever do."""
    own = (columns.account_id == b.account_id, columns.bot_id == b.id)
    return select(func.count()).where(*own, condition).scalar_subquery()


def message_count(count: int, capped: bool) -> str:
    """How many messages match."""
    if capped:
        return str(_l("%(count)s messages", count=capped_count(count)))
    return ngettext("%(num)s message", "%(num)s messages", count)


def bot_parent(key: ColumnElement[Any]) -> Parent:
    """The bot, and how much of either kind waits."""
    columns: dict[str, ColumnElement[Any]] = {
        "id": b.id,
        "name": b.name,
        "undelivered": waiting(m, FAILED),
        "unprocessed": waiting(i, DEAD),
        "held_up": any_held_up(),
    }
    return Parent(BotInstance, key=key, columns=columns)


UNDELIVERED = Listing(
    name="undelivered",
    title=_l("Undelivered messages"),
    entity=BotMessage,
    parent=bot_parent(m.bot_id),
    source=BotMessage.__table__.join(
        BotDialogState.__table__, (d.id == m.dialog_id) & (d.account_id == m.account_id)
    ).outerjoin(User.__table__, (u.id == m.author_id) & (u.account_id == m.account_id)),
    columns={
        "dialog_id": m.dialog_id,
        "bot_id": m.bot_id,
        "place": m.seq,
        "author": m.author,
        "writer": func.coalesce(func.nullif(u.full_name, ""), u.email),
        "kind": m.kind,
        "text": m.text,
        "error": m.error,
        "detail": m.detail,
        "attempts": m.attempts,
        "created_at": m.created_at,
        "platform": d.platform,
        "chat_id": d.platform_chat_id,
        "person": d.person,
    },
    criteria={"failed": FAILED},
    sorts=[Sort("newest", _l("Newest"), m.seq, parse=place_in_talk, descending=True)],
    search=[m.text, d.platform_chat_id],
    search_label=_l("Search by chat or text"),
    count_label=message_count,
    exports=[
        Export(_l("Time (UTC)"), lambda row: row.created_at),
        Export(_l("Chat"), lambda row: row.chat_id),
        Export(_l("Guest"), lambda row: called(row.person, row.chat_id)),
        Export(_l("Platform"), lambda row: platform_label(row.platform)),
        Export(_l("Text"), lambda row: row.text),
        Export(_l("Reason"), lambda row: reason(row.error, row.platform)),
        Export(_l("Tries"), lambda row: row.attempts),
    ],
)

UNPROCESSED = Listing(
    name="unprocessed",
    title=_l("Messages that were not processed"),
    entity=InboundUpdate,
    parent=bot_parent(i.bot_id),
    source=InboundUpdate.__table__.join(
        BotPlatformCredential.__table__, (c.id == i.credential_id) & (c.account_id == i.account_id)
    ).outerjoin(
        BotDialogState.__table__,
        (d.account_id == i.account_id)
        & (d.bot_id == i.bot_id)
        & (d.platform == c.platform)
        & (d.platform_chat_id == i.chat_id)
        & d.superseded_at.is_(None),
    ),
    columns={
        "dialog_id": d.id,
        "bot_id": i.bot_id,
        "kind": i.kind,
        "chat_id": i.chat_id,
        "error": i.error,
        "attempts": i.attempts,
        "created_at": i.created_at,
        "platform": c.platform,
        "person": d.person,
    },
    criteria={"dead": DEAD},
    sorts=[Sort("newest", _l("Newest"), i.seq, parse=place_in_talk, descending=True)],
    search=[i.chat_id],
    search_label=_l("Search by chat"),
    count_label=message_count,
    exports=[
        Export(_l("Time (UTC)"), lambda row: row.created_at),
        Export(_l("Chat"), lambda row: row.chat_id),
        Export(_l("Guest"), lambda row: called(row.person, row.chat_id)),
        Export(_l("Platform"), lambda row: platform_label(row.platform)),
        Export(_l("Kind"), lambda row: KINDS.get(row.kind, row.kind)),
        Export(_l("Reason"), lambda row: row.error),
        Export(_l("Tries"), lambda row: row.attempts),
    ],
)


def retry(row: BotMessage | InboundUpdate) -> bool:
    """Put a row back into its queue, and a conversation that it halted in motion; whether that was possible."""
    if not row.replay():
        return False
    if isinstance(row, BotMessage):
        halted = (BotDialogState.id == row.dialog_id, BotDialogState.failure == UNSENT)
        going = update(BotDialogState).where(*halted, BotDialogState.state == "failed")
        db.session.execute(going.values(state="running", failure=None))
    return True


def chosen_of(entity: type[BotMessage] | type[InboundUpdate], bot_id: UUID) -> list[Any]:
    """The chosen rows in the order in which they came; 404 where one is not of that bot."""
    chosen: list[Any] = list(chosen_rows(entity))
    if any(row.bot_id != bot_id for row in chosen):
        abort(404)
    return sorted(chosen, key=lambda row: row.seq)


def resolve_when_none_is_left(entity: type[BotMessage] | type[InboundUpdate], bot_id: UUID) -> None:
    """Once the last of a kind was tried again or dismissed, nobody need be told of them any more."""
    kind, state = {BotMessage: (MESSAGES_UNDELIVERED, "failed"), InboundUpdate: (UPDATES_UNPROCESSED, "dead")}[entity]
    db.session.flush()
    left = select(true()).where(entity.bot_id == bot_id, entity.state == state).limit(1)
    if db.session.scalar(left) is None:
        resolve_notice(kind, bot_id, quietly=True)


FAULT = _l("The portal failed while it worked on this. Try again; if it fails again, tell whoever runs the portal.")


def why_dead(error: str | None) -> tuple[LazyString, str]:
    """A sentence, and the technical word for those who run the portal."""
    return FAULT, error or ""
