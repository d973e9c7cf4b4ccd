"""What the intake asks of the database past the session, and past the limit to restaurants."""

from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import scalar_row

from portal.db.base import SCHEMA
from portal.db.cursor import connection, scalar

_TRIGGER = f"""
    SELECT r.trigger FROM {SCHEMA}.bot_dialog_state d
    JOIN {SCHEMA}.bot_intake_rule r ON r.account_id = d.account_id AND r.bot_id = d.bot_id AND r.is_on
    WHERE d.account_id = %(account)s AND d.id = %(dialog)s
""".encode()  # noqa: S608
_LAST_WORD = f"""
    SELECT id FROM {SCHEMA}.bot_message
    WHERE account_id = %(account)s AND dialog_id = %(dialog)s AND direction = 'in' AND state <> 'ignored'
    ORDER BY seq DESC LIMIT 1
""".encode()  # noqa: S608

_OPEN_QUESTIONS = f"""
    SELECT EXISTS (SELECT FROM {SCHEMA}.staff_question WHERE account_id = %(account)s AND answered_at IS NULL
        AND restaurant_id IS NOT DISTINCT FROM %(restaurant)s::uuid)
""".encode()  # noqa: S608


def select_trigger(account_id: UUID, dialog_id: UUID) -> psycopg.Cursor[dict[str, Any]]:
    """Ask for the trigger of the rule of a conversation's bot, where one is switched on."""
    asking = connection().cursor(row_factory=scalar_row)
    return asking.execute(_TRIGGER, {"account": account_id, "dialog": dialog_id})


def last_word(account_id: UUID, dialog_id: UUID) -> UUID | None:
    """The last message of the person in a conversation."""
    found: UUID | None = scalar(_LAST_WORD, account=account_id, dialog=dialog_id)
    return found


def has_open_questions(account_id: UUID, restaurant_id: UUID | None) -> bool:
    """Whether questions about people of a restaurant, or of none, wait; whoever asks."""
    found: bool = scalar(_OPEN_QUESTIONS, account=account_id, restaurant=restaurant_id)
    return found
