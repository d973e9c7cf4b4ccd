"""The dead letters that somebody chose."""

from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import update

from portal.conversations.models import UNSENT, BotDialogState
from portal.db.base import db
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.tenancy.finding import chosen_rows


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
