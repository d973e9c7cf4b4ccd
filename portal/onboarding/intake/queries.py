"""What the intake asks of the database past the session, and past the limit to restaurants."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import scalar_row

from portal.db.base import SCHEMA
from portal.db.cursor import connection, rows, scalar

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

MAX_UNASSIGNED = 50
_WITHOUT_RESTAURANT = "m.restaurant_id IS NULL AND m.erased_at IS NULL AND m.status <> 'left'"
_UNASSIGNED = f"""
    SELECT m.id, m.name, p.name AS position, m.starts_on, q.details->>'label' AS told FROM {SCHEMA}.staff_member m
    LEFT JOIN {SCHEMA}.staff_position p ON p.account_id = m.account_id AND p.id = m.position_id
    LEFT JOIN LATERAL (SELECT details FROM {SCHEMA}.staff_question q WHERE q.account_id = m.account_id
        AND q.staff_member_id = m.id AND q.kind = 'restaurant' AND q.answered_at IS NULL LIMIT 1) q ON true
    WHERE m.account_id = %(account)s AND {_WITHOUT_RESTAURANT}
    ORDER BY m.start_order, m.name, m.id LIMIT {MAX_UNASSIGNED}
""".encode()  # noqa: S608
_COUNT_UNASSIGNED = f"""
    SELECT count(*) FROM (SELECT FROM {SCHEMA}.staff_member m
        WHERE m.account_id = %(account)s AND {_WITHOUT_RESTAURANT} LIMIT {MAX_UNASSIGNED + 1}) few
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


@dataclass(frozen=True, slots=True)
class Unassigned:
    """Somebody whose restaurant nobody knows: what is public within the chain, and what they called the place."""

    id: UUID
    name: str
    position: str | None
    starts_on: date | None
    told: str | None


def unassigned_people(account_id: UUID) -> list[Unassigned]:
    """Those who work here or are about to, and whose restaurant is not known; the earliest first."""
    return rows(Unassigned, _UNASSIGNED, account=account_id)


def count_unassigned(account_id: UUID) -> int:
    """How many they are, up to ``MAX_UNASSIGNED``."""
    found: int = scalar(_COUNT_UNASSIGNED, account=account_id)
    return found
