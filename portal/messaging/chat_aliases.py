"""The other ids by which a platform names people: whoever comes by one of them comes to the same conversation.

An id is noted in the transaction that stores the delivery which tells it, before a worker looks at that. Two
deliveries at once, one with both ids and one with the second alone, wait for each other at the unique key.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from portal.db.base import SCHEMA, TenantEntity
from portal.db.tables import table_args
from portal.messaging.events import Update


class ChatAlias(TenantEntity, label=_l("Another id of a guest"), plural=_l("Other ids of guests")):
    """``alias`` is a person whose conversation is that of the chat ``chat_id``."""

    __tablename__ = "bot_chat_alias"
    __table_args__ = (
        *table_args("bot_chat_alias", references={"bot_id": "bot_instance"}, archivable=False),
        UniqueConstraint("account_id", "bot_id", "platform", "alias"),
        Index("ix_bot_chat_alias_chat_id", "account_id", "chat_id"),
    )

    bot_id: Mapped[UUID]
    platform: Mapped[str]
    alias: Mapped[str]
    chat_id: Mapped[str]


_OF_BOT = "a.account_id = %(account)s::uuid AND a.bot_id = %(bot)s::uuid AND a.platform = %(platform)s::text"
# What is known of a person's id goes before the chat that a delivery names.
CHAT_OF = f"""
    coalesce((SELECT a.chat_id FROM {SCHEMA}.bot_chat_alias a WHERE {_OF_BOT} AND a.alias = {{alias}}), {{chat}})
"""  # noqa: S608
# In the order of the ids, so that two of these never wait for each other crosswise.
NOTE_ALIASES = f"""
    INSERT INTO {SCHEMA}.bot_chat_alias (account_id, bot_id, platform, alias, chat_id)
    SELECT %(account)s::uuid, %(bot)s::uuid, %(platform)s::text, told.alias,
        {CHAT_OF.format(alias="told.chat", chat="told.chat")}
    FROM (
        SELECT DISTINCT ON (alias) alias, chat FROM unnest(%(aliases)s::text[], %(chats)s::text[])
            WITH ORDINALITY AS t (alias, chat, place) ORDER BY alias, place
    ) told
    ON CONFLICT (account_id, bot_id, platform, alias) DO NOTHING
""".encode()  # noqa: S608


def aliases_in(updates: Sequence[Update]) -> dict[str, Any]:
    """Those that updates tell, as the statement wants them; empty lists where they tell none."""
    told = [(update.person_id, update.chat_id) for update in updates if update.person_id and update.chat_id]
    return {"aliases": [alias for alias, _chat in told], "chats": [chat for _alias, chat in told]}
