"""People whom the platform calls by another id from now on: their conversation goes with them."""

from typing import Any
from uuid import UUID

from portal.conversations.message_rows import ConversationRow
from portal.db.base import SCHEMA
from portal.db.cursor import execute
from portal.messaging.chat_aliases import NOTE_ALIASES
from portal.messaging.news import Moved

# Where somebody has a conversation under the new id already, both stay as they are.
_MOVE = f"""
    UPDATE {SCHEMA}.bot_dialog_state d SET platform_chat_id = %(new)s
    WHERE d.account_id = %(account)s AND d.id = %(dialog)s AND NOT EXISTS (
        SELECT FROM {SCHEMA}.bot_dialog_state o WHERE o.account_id = %(account)s AND o.bot_id = %(bot)s
        AND o.platform = %(platform)s AND o.platform_chat_id = %(new)s AND o.superseded_at IS NULL
    )
""".encode()  # noqa: S608
# What was delivered before goes along, so that what waits is applied, and what is erased is found.
_MOVE_UPDATES = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET chat_id = %(new)s
    WHERE account_id = %(account)s AND credential_id = %(credential)s AND chat_id = %(old)s
""".encode()  # noqa: S608
_MOVE_ALIASES = f"""
    UPDATE {SCHEMA}.bot_chat_alias SET chat_id = %(new)s
    WHERE account_id = %(account)s AND bot_id = %(bot)s AND platform = %(platform)s AND chat_id = %(old)s
""".encode()  # noqa: S608


def move_chat(conversation: ConversationRow, credential_id: UUID | None, moved: Moved) -> None:
    """Let the conversation be that of the new id; its row is there already."""
    old = conversation.platform_chat_id
    new = moved.chat_id or (moved.person_id if moved.former_id == old else "")
    told: dict[str, Any] = {
        "account": conversation.account_id, "bot": conversation.bot_id, "platform": conversation.platform,
        "dialog": conversation.id, "credential": credential_id, "old": old, "new": new,
    }  # fmt: skip
    if new and new != old and execute(_MOVE, **told):
        execute(_MOVE_UPDATES, **told)
        execute(_MOVE_ALIASES, **told)
        conversation.platform_chat_id = new
    if moved.person_id:
        execute(NOTE_ALIASES, **told, aliases=[moved.person_id], chats=[conversation.platform_chat_id])
