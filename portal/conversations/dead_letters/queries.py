"""Finding the dead letters that somebody chose."""

from typing import Any
from uuid import UUID

from flask import abort

from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.tenancy.finding import chosen_rows


def chosen_of(entity: type[BotMessage] | type[InboundUpdate], bot_id: UUID) -> list[Any]:
    """The chosen rows in the order in which they came; 404 where one is not of that bot."""
    chosen: list[Any] = list(chosen_rows(entity))
    if any(row.bot_id != bot_id for row in chosen):
        abort(404)
    return sorted(chosen, key=lambda row: row.seq)
