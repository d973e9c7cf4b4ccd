"""Holding a conversation: whoever changes it has its row to themselves until their transaction ends."""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import lazyload

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.db.types import utc_now
from portal.tenancy.scope import require_scope


def lock_chat_row(bot_id: UUID, platform: str, chat_id: str) -> BotDialogState | None:
    """The conversation of a chat, its row held until the transaction ends."""
    return db.session.scalars(
        select(BotDialogState)
        .where(
            BotDialogState.bot_id == bot_id,
            BotDialogState.platform == platform,
            BotDialogState.platform_chat_id == chat_id,
            BotDialogState.superseded_at.is_(None),
        )
        .options(lazyload(BotDialogState.bot))
        .with_for_update(of=BotDialogState, key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def lock_conversation(dialog_id: UUID) -> BotDialogState | None:
    """The conversation of that id, its row held until the transaction ends."""
    return db.session.scalars(
        select(BotDialogState)
        .where(BotDialogState.id == dialog_id, BotDialogState.superseded_at.is_(None))
        .options(lazyload(BotDialogState.bot))
        .with_for_update(of=BotDialogState, key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def begin_conversation(bot_id: UUID, platform: str, chat_id: str) -> BotDialogState:
    """A new conversation, held; where another transaction begins the same one, theirs."""
    new = insert(BotDialogState).values(
        id=uuid4(),
        account_id=require_scope().account_id,
        bot_id=bot_id,
        platform=platform,
        platform_chat_id=chat_id,
        current_step="",
        last_interaction_at=utc_now(),
    )
    place = ["bot_id", "platform", "platform_chat_id"]
    is_current = BotDialogState.superseded_at.is_(None)
    once = new.on_conflict_do_nothing(index_elements=place, index_where=is_current)
    opened = db.session.scalars(once.returning(BotDialogState)).one_or_none()
    opened = opened or lock_chat_row(bot_id, platform, chat_id)
    assert opened is not None
    return opened
