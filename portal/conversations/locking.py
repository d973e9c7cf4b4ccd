"""Holding a conversation: whoever changes it has its row to themselves until their transaction ends."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from portal.conversations.models import BotDialogState
from portal.db.base import db


def lock_conversation(dialog_id: UUID) -> BotDialogState | None:
    """The conversation of that id, its row held until the transaction ends."""
    return db.session.scalars(
        select(BotDialogState)
        .where(BotDialogState.id == dialog_id, BotDialogState.superseded_at.is_(None))
        .options(lazyload(BotDialogState.bot))
        .with_for_update(of=BotDialogState, key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
