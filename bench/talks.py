"""Synthetic conversations with their histories, added to the chains of ``bench.data``."""

import uuid
from dataclasses import dataclass

import psycopg

from bench.data import Bench
from portal.db.base import SCHEMA

DIALOGS = f"""
    INSERT INTO {SCHEMA}.bot_dialog_state (bot_id, account_id, platform, platform_chat_id, current_step, collected_data,
        last_interaction_at, last_inbound_at, state, person, turn)
    SELECT b.id, b.account_id, 'telegram', 'talk-' || n, 'step_' || n %% 12, jsonb_build_object('name', 'Person ' || n),
        timezone('utc', now()) - n * interval '1 minute', timezone('utc', now()) - n * interval '1 minute',
        (ARRAY['running', 'finished', 'finished', 'blocked'])[1 + n %% 4], jsonb_build_object('name', 'Person ' || n), 9
    FROM {SCHEMA}.bot_instance b CROSS JOIN LATERAL generate_series(1, %(dialogs)s / CASE b.id WHEN %(bot)s THEN 1 ELSE 22 END) n
"""
MESSAGES = f"""
    INSERT INTO {SCHEMA}.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind, text, content,
        step_id, turn, variable, state, created_at, updated_at, due_at)
    SELECT d.account_id, d.bot_id, c.id, d.id, CASE n %% 2 WHEN 0 THEN 'out' ELSE 'in' END,
        CASE n %% 2 WHEN 0 THEN 'bot' ELSE 'guest' END, 'text', 'Message ' || n || ' of ' || d.platform_chat_id,
        CASE n %% 2 WHEN 0 THEN '{{"choices": [["Yes", "9.0"], ["No", "9.1"]]}}' ELSE '{{}}' END::jsonb, 'step_' || n %% 12, n,
        CASE n %% 10 WHEN 1 THEN 'name' END, CASE n %% 2 WHEN 0 THEN 'delivered' ELSE 'received' END, at, at, at
    FROM {SCHEMA}.bot_dialog_state d
    JOIN {SCHEMA}.bot_platform_credential c ON c.bot_id = d.bot_id AND c.platform = d.platform
    CROSS JOIN LATERAL generate_series(1, %(each)s) n
    CROSS JOIN LATERAL (SELECT d.last_interaction_at - (%(each)s - n) * interval '10 seconds') t(at)
    WHERE d.platform_chat_id LIKE 'talk-%%'
"""


@dataclass(frozen=True)
class Talk:
    """What the requests need: the bot, its latest conversation and the address of the list."""

    dialog_id: uuid.UUID
    list_path: str

    @property
    def path(self) -> str:
        """The conversation's page."""
        return f"{self.list_path}/{self.dialog_id}"


def load(superuser_url: str, data: Bench, dialogs: int, messages: int) -> Talk:
    """Give the chain looked at so many conversations with so many messages in all, each of the others a twenty-second part."""
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as database:
        database.execute(DIALOGS, {"dialogs": dialogs, "bot": data.bot_id})
        database.execute(MESSAGES, {"each": messages // dialogs})
        database.execute("VACUUM ANALYZE")
        row = database.execute(
            f"SELECT id FROM {SCHEMA}.bot_dialog_state WHERE bot_id = %s AND platform_chat_id = 'talk-1'",
            (data.bot_id,),
        ).fetchone()
    return Talk(row[0], f"/accounts/{data.slug}/bots/{data.bot_id}/dialogs")
