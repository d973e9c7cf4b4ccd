"""A conversation's row past the session, as the workers hold it: read, changed and written by statements by hand.

Thousands of steps an hour are taken on such rows, and the mapped class costs more than the step. What a step changes
is decided in one place for both (``conversation.py``); here is only how it is read and kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import args_row

from portal.conversations.models import answers_of
from portal.db.base import SCHEMA
from portal.db.cursor import connection, execute
from portal.db.types import utc_now
from portal.messaging.event_rows import dumps

# What says which conversation it is; what a step may change; what only people change.
_KEYS = ("id", "account_id", "bot_id", "platform", "platform_chat_id")
_CHANGING = ("current_step", "collected_data", "last_interaction_at", "scenario_id", "state", "turn", "engine_state",
             "wake_at", "person", "last_inbound_at", "failure")  # fmt: skip
_HELD = ("taken_over_by_id", "taken_over_at", "hand_back_at")
_OBJECTS = frozenset({"collected_data", "engine_state", "person"})
_MOMENTS = frozenset({"last_interaction_at", "wake_at", "last_inbound_at", "taken_over_at", "hand_back_at"})

_COLUMNS = ", ".join(
    f"d.{name} AT TIME ZONE 'UTC'" if name in _MOMENTS else f"d.{name}" for name in (*_KEYS, *_CHANGING, *_HELD)
)
# Nothing is read, and nobody waited for, where the chat could not be locked (messaging/queries.py).
_OF_CHAT = f"""
    SELECT {_COLUMNS} FROM {SCHEMA}.bot_platform_credential c JOIN {SCHEMA}.bot_dialog_state d
        ON d.account_id = c.account_id AND d.bot_id = c.bot_id AND d.platform = c.platform
    WHERE c.account_id = %(account)s AND c.id = %(credential)s AND d.platform_chat_id = %(chat)s
    AND d.superseded_at IS NULL AND current_setting('getinn.chat_is_locked') = 'true'
    FOR NO KEY UPDATE OF d
""".encode()  # noqa: S608
_BY_ID = f"""
    SELECT {_COLUMNS} FROM {SCHEMA}.bot_dialog_state d
    WHERE d.account_id = %(account)s AND d.id = %(id)s AND d.superseded_at IS NULL
    AND current_setting('getinn.chat_is_locked') = 'true'
    FOR NO KEY UPDATE OF d
""".encode()  # noqa: S608
_BEGIN = f"""
    INSERT INTO {SCHEMA}.bot_dialog_state ({", ".join((*_KEYS, *_CHANGING))})
    VALUES ({", ".join(f"%({name})s" for name in (*_KEYS, *_CHANGING))})
""".encode()  # noqa: S608


@dataclass(slots=True)
class ConversationRecord:
    """The columns that a step reads or writes, named as in the mapped class; ``is_new`` where there is no row yet."""

    id: UUID
    account_id: UUID
    bot_id: UUID
    platform: str
    platform_chat_id: str
    current_step: str
    collected_data: Any
    last_interaction_at: datetime
    scenario_id: UUID | None
    state: str
    turn: int
    engine_state: Any
    wake_at: datetime | None
    person: Any
    last_inbound_at: datetime | None
    failure: str | None
    taken_over_by_id: UUID | None = None
    taken_over_at: datetime | None = None
    hand_back_at: datetime | None = None
    is_new: bool = False
    _read: tuple[Any, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._read = self._values()

    @classmethod
    def begin(cls, account_id: UUID, bot_id: UUID, platform: str, chat_id: str) -> "ConversationRecord":
        """A conversation in which nothing has been said; :meth:`write` makes its row."""
        now = utc_now()
        return cls(
            uuid4(), account_id, bot_id, platform, chat_id, "", {}, now, None, "running", 0, {}, None, {}, None, None,
            is_new=True,
        )  # fmt: skip

    @property
    def answers(self) -> dict[str, Any]:
        """What was collected, by variable."""
        return answers_of(self.collected_data)

    def write(self) -> None:
        """Keep what has changed. Where another writer began the same conversation meanwhile, UniqueViolation."""
        values = self._values()
        if self.is_new:
            keys = {name: getattr(self, name) for name in _KEYS}
            execute(_BEGIN, **keys, **_storable(dict(zip(_CHANGING, values, strict=True))))
        else:
            pairs = zip(_CHANGING, values, self._read, strict=True)
            changed = {name: value for name, value, former in pairs if value != former}
            if changed:
                execute(_update(tuple(changed)), account=self.account_id, id=self.id, **_storable(changed))
        self._read, self.is_new = values, False

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _CHANGING)


def select_of_chat(account_id: UUID, credential_id: UUID, chat_id: str | None) -> psycopg.Cursor[ConversationRecord]:
    """Ask for the conversation of a locked chat; its row is held until the transaction ends."""
    return _reading(_OF_CHAT, account=account_id, credential=credential_id, chat=chat_id)


def select_by_id(account_id: UUID, dialog_id: UUID) -> psycopg.Cursor[ConversationRecord]:
    """The same by the conversation's id."""
    return _reading(_BY_ID, account=account_id, id=dialog_id)


def _reading(sql: bytes, **named: Any) -> psycopg.Cursor[ConversationRecord]:
    return connection().cursor(row_factory=args_row(ConversationRecord)).execute(sql, named)


@lru_cache(maxsize=256)
def _update(names: tuple[str, ...]) -> bytes:
    changes = ", ".join(f"{name} = %({name})s" for name in names)
    sql = f"UPDATE {SCHEMA}.bot_dialog_state SET {changes} WHERE account_id = %(account)s AND id = %(id)s"  # noqa: S608
    return sql.encode()


def _storable(values: dict[str, Any]) -> dict[str, Any]:
    return {name: dumps(value) if name in _OBJECTS else value for name, value in values.items()}
