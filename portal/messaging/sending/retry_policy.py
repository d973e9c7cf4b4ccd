"""What becomes of a message after a call, and the note of it on its row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from portal.channels.notices import PLATFORM_FAILING
from portal.conversations.models import UNSENT
from portal.db.base import SCHEMA
from portal.db.cursor import execute, scalars
from portal.db.moments import NOW
from portal.messaging.backoff import MAX_TRIES, wait_after
from portal.messaging.events import MessageState
from portal.messaging.failures import Failure
from portal.messaging.notices import MESSAGES_UNDELIVERED, raise_for_bot, raise_refusal
from portal.messaging.sending.candidates import QueuedMessage
from portal.messengers.errors import (
    UNTOLD_SECONDS,
    ChatMoved,
    CredentialsRefused,
    PersonBlocked,
    SendFailed,
    Throttled,
    Unavailable,
    Unclear,
)
from portal.messengers.results import OutgoingFile, Sent
from portal.notices.raising import resolve_notice

# How long a receipt is waited for before a message of unknown fate is sent again.
RECEIPT_SECONDS = 60.0
# How long a bot whose credentials are refused waits before it tries again, or until they are replaced.
REFUSED_SECONDS = 60.0
# A platform that is out of order is asked again for twelve hours, five minutes apart at last. That costs no tries: a
# message that has waited through an outage has all of them when it is over.
OUTAGE_HELD_SECONDS = 12 * 3600.0
OUTAGE_SECONDS = 300.0
REFUSALS = (Failure.CREDENTIALS_REFUSED, Failure.CREDENTIALS_UNREADABLE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a call came to.

    ``file`` and ``identity`` are what was sent and as whom. ``wait`` (seconds) is when a message that goes back is
    due, ``pause`` for how long the whole bot is silent, ``problem`` what is wrong with the bot, ``counts`` whether
    it was one of the message's tries.
    """

    state: MessageState
    error: str | None = None
    detail: str | None = None
    sent: Sent | None = None
    file: OutgoingFile | None = None
    identity: str = ""
    wait: float = 0.0
    pause: float | None = None
    problem: str | None = None
    counts: bool = True
    is_blocked: bool = False
    new_chat_id: str | None = None

    def is_plain_for(self, message: QueuedMessage) -> bool:
        """Whether it was accepted and nothing else is to be noted: many such are noted at once."""
        return self.sent is not None and not self.sent.file_ref and message.problem not in REFUSALS


def _outage_wait(waited: float) -> float:
    """As long again as the message has waited, within bounds."""
    return wait_after(1, first=min(max(waited, 1.0), OUTAGE_SECONDS), longest=OUTAGE_SECONDS)


def _throttle_wait(error: Throttled, tries: int) -> tuple[float, bool]:
    """How long, and whether it costs a try. Told to wait is not failed.

    Where the platform says for how long, it costs none; where not, the waits grow with the tries, one of which is left.
    """
    is_told = error.retry_after > UNTOLD_SECONDS
    wait = max(error.retry_after, 0.0) + wait_after(1 if is_told else tries, first=0.2)
    return wait, not is_told and tries < MAX_TRIES - 1


def decide(error: SendFailed, tries: int, *, resolves: bool, is_outage: bool = True, waited: float = 0.0) -> Verdict:
    """What a failed call means; ``tries`` counts this one, ``resolves`` says whether a receipt will tell the truth.

    ``is_outage`` is False where the platform takes the bot's other messages meanwhile: it is this message that it
    cannot take. ``waited`` is the message's age in seconds.
    """
    verdict = partial(Verdict, error=error.code, detail=error.detail or None)
    match error:
        case PersonBlocked():
            return verdict(MessageState.FAILED, is_blocked=True)
        case CredentialsRefused():
            pause = wait_after(1, first=REFUSED_SECONDS, longest=REFUSED_SECONDS)
            return verdict(MessageState.QUEUED, pause=pause, problem=error.code, counts=False)
        case ChatMoved():
            state = MessageState.QUEUED if tries < MAX_TRIES else MessageState.FAILED
            return verdict(state, new_chat_id=error.new_chat_id)
        case Unclear() if resolves or tries < MAX_TRIES:
            wait = RECEIPT_SECONDS if resolves else wait_after(tries, factor=3.0)
            return verdict(MessageState.UNCERTAIN, wait=wait)
        case Throttled():
            wait, counts = _throttle_wait(error, tries)
            return verdict(MessageState.QUEUED, wait=wait, pause=wait, counts=counts)
        case Unavailable() if is_outage and waited < OUTAGE_HELD_SECONDS:
            return verdict(MessageState.QUEUED, wait=_outage_wait(waited), counts=False)
        case Unavailable() if tries < MAX_TRIES:
            return verdict(MessageState.QUEUED, wait=wait_after(tries, factor=3.0))
    return verdict(MessageState.FAILED)


# A receipt may have told more already; and only what a worker claimed is its to note. Who holds a row, a receipt say,
# may be waiting for another of these: such a row is noted by itself. Rows are looked for by the list of their
# ids, so that however a plan joins them it never reads all that there is.
_NOTE_SENT = f"""
    WITH told AS (
        SELECT m.id, t.ref FROM {SCHEMA}.bot_message m
        JOIN unnest(%(accounts)s::uuid[], %(ids)s::uuid[], %(refs)s::text[]) AS t (account_id, id, ref)
            ON t.id = m.id AND t.account_id IS NOT DISTINCT FROM m.account_id
        WHERE m.id = ANY(%(ids)s) AND m.worker = %(worker)s ORDER BY m.id FOR NO KEY UPDATE OF m {{waiting}}
    )
    UPDATE {SCHEMA}.bot_message m SET
        state = CASE WHEN m.state IN ('queued', 'sending', 'uncertain') THEN 'sent' ELSE m.state END,
        platform_message_id = told.ref, sent_at = coalesce(m.sent_at, {NOW}),
        error = CASE WHEN m.state = 'failed' THEN m.error END, detail = CASE WHEN m.state = 'failed' THEN m.detail END
    FROM told WHERE m.id = ANY(%(ids)s) AND m.id = told.id
    RETURNING m.id
"""  # noqa: S608
_NOTE_SENT_AT_ONCE = _NOTE_SENT.format(waiting="SKIP LOCKED").encode()
_NOTE_SENT_WAITING = _NOTE_SENT.format(waiting="").encode()

_NOTE = f"""
    UPDATE {SCHEMA}.bot_message SET state = %(state)s, error = %(error)s, detail = %(detail)s,
        due_at = {NOW} + %(wait)s, attempts = attempts - %(uncounted)s
    WHERE account_id = %(account)s AND id = %(id)s AND worker = %(worker)s AND state = 'sending'
    RETURNING id
""".encode()  # noqa: S608

_PAUSE = f"""
    UPDATE {SCHEMA}.bot_connection SET problem = coalesce(%(problem)s, problem),
        paused_until = greatest(coalesce(paused_until, {NOW}), {NOW} + %(pause)s)
    WHERE account_id = %(account)s AND credential_id = %(credential)s AND generation = %(generation)s
""".encode()  # noqa: S608

_RELIEVE = f"""
    UPDATE {SCHEMA}.bot_connection SET problem = NULL, detail = NULL, paused_until = NULL
    WHERE account_id = %(account)s AND credential_id = %(credential)s AND problem = %(problem)s
""".encode()  # noqa: S608

_FAIL_DIALOG = f"""
    UPDATE {SCHEMA}.bot_dialog_state SET state = 'failed', failure = '{UNSENT}'
    WHERE account_id = %(account)s AND id = %(dialog)s AND state = 'running'
""".encode()  # noqa: S608

_BLOCK_DIALOG = f"""
    UPDATE {SCHEMA}.bot_dialog_state SET state = 'blocked' WHERE account_id = %(account)s AND id = %(dialog)s
""".encode()  # noqa: S608

_CANCEL_REST = f"""
    UPDATE {SCHEMA}.bot_message SET state = 'cancelled'
    WHERE account_id = %(account)s AND dialog_id = %(dialog)s AND state = 'queued'
""".encode()  # noqa: S608

# Where the new chat has a conversation already, ours is the one with the history.
_SUPERSEDE = f"""
    UPDATE {SCHEMA}.bot_dialog_state other SET superseded_at = {NOW} FROM {SCHEMA}.bot_dialog_state own
    WHERE own.account_id = %(account)s AND own.id = %(dialog)s AND other.account_id = own.account_id
    AND other.bot_id = own.bot_id AND other.platform = own.platform AND other.id <> own.id
    AND other.platform_chat_id = %(chat)s AND other.superseded_at IS NULL
""".encode()  # noqa: S608

_MOVE = f"""
    UPDATE {SCHEMA}.bot_dialog_state SET platform_chat_id = %(chat)s WHERE account_id = %(account)s AND id = %(dialog)s
""".encode()  # noqa: S608

_MOVE_UPDATES = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET chat_id = %(chat)s
    WHERE account_id = %(account)s AND credential_id = %(credential)s AND chat_id = %(old)s AND state = 'pending'
""".encode()  # noqa: S608


def record_outcome(message: QueuedMessage, worker: int, verdict: Verdict) -> None:
    """Write the verdict on the message's row, and on its conversation and bot where it concerns them.

    The rows are taken in the order in which everybody takes them: bot, conversation, message.
    """
    own: dict[str, Any] = {"account": message.account_id, "credential": message.credential_id}
    own |= {"dialog": message.dialog_id, "id": message.id, "worker": worker}
    if verdict.sent is not None:
        if message.problem in REFUSALS:
            execute(_RELIEVE, **own, problem=message.problem)
            resolve_notice(PLATFORM_FAILING, message.credential_id)
        note_sent([(message, verdict.sent)], worker)
        return
    is_paused = False
    if verdict.pause is not None:
        is_paused = execute(_PAUSE, **own, **_pause(message, verdict, verdict.pause)) > 0
    if verdict.new_chat_id:
        _move(own | {"chat": verdict.new_chat_id, "old": message.chat_id})
    failed = verdict.state is MessageState.FAILED
    if verdict.is_blocked:
        execute(_BLOCK_DIALOG, **own)
    elif failed and message.author == "bot" and message.turn is not None:
        # What was said aside from the scenario holds up nothing.
        execute(_FAIL_DIALOG, **own)
    told: dict[str, Any] = {"state": verdict.state.value, "error": verdict.error, "detail": verdict.detail}
    told |= {"wait": timedelta(seconds=verdict.wait), "uncounted": 0 if verdict.counts else 1}
    is_noted = execute(_NOTE, **own, **told) > 0
    if verdict.is_blocked:
        execute(_CANCEL_REST, **own)
    _tell(message, verdict, is_paused=is_paused, is_noted=is_noted)


def note_sent(sent: Sequence[tuple[QueuedMessage, Sent]], worker: int) -> list[UUID]:
    """Note messages that the platform has accepted; a single one is waited for. Gives those that are noted."""
    told = {
        "accounts": [message.account_id for message, _ in sent],
        "ids": [message.id for message, _ in sent],
        "refs": [answer.message_ref or None for _, answer in sent],
    }
    return scalars(_NOTE_SENT_WAITING if len(sent) == 1 else _NOTE_SENT_AT_ONCE, worker=worker, **told)


def _tell(message: QueuedMessage, verdict: Verdict, *, is_paused: bool, is_noted: bool) -> None:
    """Tell people where one of them must act; of a refusal that the bot was known for they were told."""
    if verdict.problem is not None and verdict.problem != message.problem and is_paused:
        raise_refusal(message, verdict.problem)
    if is_noted and verdict.state is MessageState.FAILED and not verdict.is_blocked:
        raise_for_bot(MESSAGES_UNDELIVERED, message.bot_id, platform=message.platform, error=verdict.error)


def _pause(message: QueuedMessage, verdict: Verdict, seconds: float) -> dict[str, Any]:
    """The credentials may have been replaced during the call: then it says nothing of the new ones."""
    return {"problem": verdict.problem, "pause": timedelta(seconds=seconds), "generation": message.generation}


def _move(values: dict[str, Any]) -> None:
    """The chat goes on under another id, and so does what has come in under the former one."""
    for statement in (_SUPERSEDE, _MOVE, _MOVE_UPDATES):
        execute(statement, **values)
