"""Reading conversations."""

from collections.abc import Sequence
from uuid import UUID

from flask import abort
from sqlalchemy import select

from portal.bots.dialogs.models import BotDialogState
from portal.db.base import db
from portal.tenancy.finding import find

MOST_COPIES = 20


def find_dialog(bot_id: UUID, dialog_id: UUID) -> BotDialogState:
    """The conversation of that bot, or 404."""
    dialog = find(BotDialogState, dialog_id)
    if dialog.bot_id != bot_id:
        abort(404)
    return dialog


def copies_of(dialog: BotDialogState) -> Sequence[BotDialogState]:
    """Other rows of the same chat, as adopted databases hold them: the current one first, then the newest."""
    query = select(BotDialogState).where(
        BotDialogState.bot_id == dialog.bot_id,
        BotDialogState.platform == dialog.platform,
        BotDialogState.platform_chat_id == dialog.platform_chat_id,
        BotDialogState.id != dialog.id,
    )
    newest = (BotDialogState.superseded_at.is_not(None), BotDialogState.last_interaction_at.desc())
    return db.session.scalars(query.order_by(*newest).limit(MOST_COPIES)).all()
