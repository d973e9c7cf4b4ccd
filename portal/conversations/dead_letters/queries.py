"""Finding the dead letters that somebody chose."""

from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import select, true

from portal.db.base import db
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.messaging.notices import MESSAGES_UNDELIVERED, UPDATES_UNPROCESSED
from portal.notices.raising import resolve_notice
from portal.tenancy.finding import chosen_rows


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
