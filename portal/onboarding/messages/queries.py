"""What the messages to people ask of the database: who is to be told, what is still true, and where to say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.db.base import SCHEMA
from portal.db.cursor import row, rows, scalar, scalars
from portal.db.moments import NOW, STATEMENT_NOW

MAX_CHATS, MAX_STEPS = 20, 30
_OPEN_STEPS = f"""{SCHEMA}.onboarding_step s WHERE s.account_id = o.account_id AND s.staff_onboarding_id = o.id
    AND s.status IN ('pending', 'in_progress', 'failed') ORDER BY s.ordinal, s.id"""
_HOLD = f"""
    SELECT id FROM {SCHEMA}.staff_member WHERE account_id = %(account)s AND id = %(member)s AND erased_at IS NULL
    FOR NO KEY UPDATE
""".encode()  # noqa: S608
# Of somebody's latest engagement: what is left of it.
_PERSON = f"""
    SELECT m.name, r.timezone AS zone, o.steps_needed - o.steps_done AS left_to_do, o.start_date
    FROM {SCHEMA}.staff_member m
    LEFT JOIN {SCHEMA}.restaurant r ON r.account_id = m.account_id AND r.id = m.restaurant_id
    LEFT JOIN LATERAL (SELECT e.steps_needed, e.steps_done, e.start_date FROM {SCHEMA}.staff_onboarding e
        WHERE e.account_id = m.account_id AND e.staff_member_id = m.id ORDER BY e.spell DESC LIMIT 1) o ON true
    WHERE m.account_id = %(account)s AND m.id = %(member)s
""".encode()  # noqa: S608
# A step that is done stays done, one that is due is open, a shift is where it was moved to.
_UNTRUE = f"""
    SELECT t.id FROM {SCHEMA}.staff_message t
    LEFT JOIN {SCHEMA}.onboarding_step s ON s.account_id = t.account_id AND s.id = t.onboarding_step_id
    WHERE t.account_id = %(account)s AND t.staff_member_id = %(member)s AND t.state IN ('waiting', 'held')
    AND NOT CASE
        WHEN t.kind = 'done' THEN s.id IS NULL OR s.status = 'completed'
        WHEN t.occasion IS NOT NULL THEN coalesce(s.status IN ('pending', 'in_progress', 'failed'), false)
        WHEN t.first_shift_at IS NOT NULL THEN EXISTS (SELECT FROM {SCHEMA}.staff_onboarding o
            WHERE o.account_id = t.account_id AND o.staff_member_id = t.staff_member_id AND o.status <> 'terminated'
            AND o.first_shift_at = t.first_shift_at)
        ELSE true END
""".encode()  # noqa: S608
_CHATS = f"""
    SELECT c.dialog_id, c.bot_id, c.platform, b.is_active AS has_bot, coalesce(p.is_active, false) AS is_on,
        p.id AS credential_id, d.state, d.last_inbound_at AT TIME ZONE 'UTC' AS last_inbound_at
    FROM {SCHEMA}.staff_chat c
    JOIN {SCHEMA}.bot_dialog_state d ON d.account_id = c.account_id AND d.id = c.dialog_id AND d.superseded_at IS NULL
    JOIN {SCHEMA}.bot_instance b ON b.account_id = c.account_id AND b.id = c.bot_id
    LEFT JOIN {SCHEMA}.bot_platform_credential p ON p.account_id = c.account_id AND p.bot_id = c.bot_id
        AND p.platform = c.platform AND p.superseded_at IS NULL
    WHERE c.account_id = %(account)s AND c.staff_member_id = %(member)s
    ORDER BY d.last_inbound_at DESC NULLS LAST, c.id LIMIT {MAX_CHATS}
""".encode()  # noqa: S608
_EARLIEST = f"""
    SELECT min(due_at) AT TIME ZONE 'UTC' FROM {SCHEMA}.staff_message
    WHERE account_id = %(account)s AND staff_member_id = %(member)s AND state = 'waiting'
""".encode()  # noqa: S608
# The accounts in turns: nobody's backlog stands before somebody's first message.
_OVERDUE = f"""
    SELECT account_id, staff_member_id AS member_id FROM (
        SELECT account_id, staff_member_id,
            row_number() OVER (PARTITION BY account_id ORDER BY min(due_at)) AS place
        FROM {SCHEMA}.staff_message WHERE state = 'waiting' AND due_at < {NOW} - %(late)s
        GROUP BY account_id, staff_member_id
    ) late ORDER BY place LIMIT %(most)s
""".encode()  # noqa: S608
# A day begins at 9 o'clock here: nobody is reminded before.
_TODAY = f"{SCHEMA}.local_day({STATEMENT_NOW} - interval '9 hours', coalesce(r.timezone, %(zone)s))"
# Steps of running checklists that are due, or were within the last days, and nobody was reminded of for that.
_TO_REMIND = f"""
    SELECT step.*, m.name, o.steps_needed - o.steps_done AS left_to_do, o.start_date FROM {SCHEMA}.staff_onboarding o
    JOIN {SCHEMA}.staff_member m ON m.account_id = o.account_id AND m.id = o.staff_member_id
    LEFT JOIN {SCHEMA}.restaurant r ON r.account_id = o.account_id AND r.id = o.restaurant_id
    JOIN LATERAL (
        SELECT s.id AS step_id, o.staff_member_id AS member_id, s.name AS step, s.message_reminder AS text,
            (CASE WHEN s.due_date = {_TODAY} THEN 'due ' ELSE 'overdue ' END) || s.due_date AS occasion
        FROM {SCHEMA}.onboarding_step s
        WHERE s.account_id = o.account_id AND s.staff_onboarding_id = o.id AND s.message_reminder IS NOT NULL
        AND s.status IN ('pending', 'in_progress', 'failed')
        AND s.due_date BETWEEN {_TODAY} - %(days)s AND {_TODAY}
    ) step ON true
    WHERE o.account_id = %(account)s AND o.status = 'in_progress' AND o.next_due_on <= CURRENT_DATE + 1
    AND m.status = 'active' AND m.erased_at IS NULL AND (o.restaurant_id IS NULL OR r.is_active)
    AND NOT EXISTS (SELECT FROM {SCHEMA}.staff_message t WHERE t.account_id = o.account_id
        AND t.onboarding_step_id = step.step_id AND t.occasion = step.occasion)
    ORDER BY o.next_due_on, step.step_id LIMIT %(most)s
""".encode()  # noqa: S608
# All that somebody is told who asks; the zone is their restaurant's, else that of the chain's first owner.
_STATUS = f"""
    SELECT m.name, o.first_shift_at AT TIME ZONE 'UTC' AS first_shift_at,
        coalesce(r.timezone, (SELECT u.timezone FROM {SCHEMA}."user" u WHERE u.account_id = m.account_id
            AND u.role = 'owner' AND u.is_active AND NOT u.is_superuser AND u.timezone IS NOT NULL
            ORDER BY u.created_at, u.id LIMIT 1)) AS zone,
        ARRAY(SELECT s.name FROM {_OPEN_STEPS} LIMIT {MAX_STEPS}) AS steps,
        ARRAY(SELECT s.due_date FROM {_OPEN_STEPS} LIMIT {MAX_STEPS}) AS due_days
    FROM {SCHEMA}.staff_member m
    JOIN LATERAL (SELECT e.* FROM {SCHEMA}.staff_onboarding e WHERE e.account_id = m.account_id
        AND e.staff_member_id = m.id ORDER BY e.spell DESC LIMIT 1) o ON o.status <> 'terminated'
    LEFT JOIN {SCHEMA}.restaurant r ON r.account_id = m.account_id AND r.id = m.restaurant_id
    WHERE m.account_id = %(account)s AND m.id = %(member)s AND m.erased_at IS NULL AND m.status <> 'left'
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a message is for; ``left_to_do`` are the required steps that are open."""

    name: str
    zone: str | None
    left_to_do: int | None
    start_date: date | None


@dataclass(frozen=True, slots=True)
class KnownChat:
    """A chat of a person, with what stands in its way."""

    dialog_id: UUID
    bot_id: UUID
    platform: str
    has_bot: bool
    is_on: bool
    credential_id: UUID | None
    state: str
    last_inbound_at: datetime | None


@dataclass(frozen=True, slots=True)
class LateMessage:
    """Somebody who should have been told already."""

    account_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that its person is to be reminded of, and what it is about."""

    step_id: UUID
    member_id: UUID
    step: str
    text: str
    occasion: str
    name: str
    left_to_do: int
    start_date: date | None


@dataclass(frozen=True, slots=True)
class StatusTold:
    """What the record says to the person: open steps with the days on which they are due."""

    name: str
    first_shift_at: datetime | None
    zone: str | None
    steps: list[str]
    due_days: list[date | None]


def hold_addressee(account_id: UUID, member_id: UUID) -> bool:
    """Let nobody else tell them anything until the commit; False where they were erased."""
    return scalar(_HOLD, account=account_id, member=member_id) is not None


def addressee(account_id: UUID, member_id: UUID) -> Addressee | None:
    """Whom it is for."""
    return row(Addressee, _PERSON, account=account_id, member=member_id)


def untrue_messages(account_id: UUID, member_id: UUID) -> frozenset[UUID]:
    """Those of the unsent ones that are true no more."""
    return frozenset(scalars(_UNTRUE, account=account_id, member=member_id))


def chats_of(account_id: UUID, member_id: UUID) -> Sequence[KnownChat]:
    """The person's chats, the latest heard first."""
    return rows(KnownChat, _CHATS, account=account_id, member=member_id)


def earliest_due(account_id: UUID, member_id: UUID) -> datetime | None:
    """When the first of what waits is due."""
    found: datetime | None = scalar(_EARLIEST, account=account_id, member=member_id)
    return found


def late_messages(late: timedelta, most: int) -> Sequence[LateMessage]:
    """Over all accounts, whoever should have been told so long ago."""
    return rows(LateMessage, _OVERDUE, late=late, most=most)


def due_steps(account_id: UUID, zone: str | None, days: int, most: int) -> Sequence[DueStep]:
    """Steps that are due today or were within so many days; ``zone`` is that of people without a restaurant."""
    return rows(DueStep, _TO_REMIND, account=account_id, zone=zone, days=days, most=most)


def status_told(account_id: UUID, member_id: UUID) -> StatusTold | None:
    """What somebody is told who asks; nothing of whoever has left, or was never hired."""
    return row(StatusTold, _STATUS, account=account_id, member=member_id)
