"""Files that people send, fetched from the messenger and kept."""

import logging
import random
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from portal.channels.open_channel import ChannelNotFound, OpenChannel, open_channel
from portal.db.base import db
from portal.db.secrets import SecretUnreadable
from portal.jobs.queue import job
from portal.media.bucket import BucketUnavailable
from portal.media.content_types import FILE_LIMIT, FileType, sniff
from portal.media.files import BotFile
from portal.messaging.failures import Failure
from portal.messaging.messages import BotMessage
from portal.messengers.calls import Calls
from portal.messengers.errors import Rejected, SendFailed, Throttled
from portal.messengers.results import Fetched
from portal.tenancy.scope import enter_account

log = logging.getLogger(__name__)
MAX_TRIES = 5
FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS = 10.0, 3600.0
TOO_LARGE, UNKNOWN_TYPE, NOT_CONNECTED = Failure.FILE_TOO_LARGE, Failure.FILE_TYPE, Failure.NOT_CONNECTED


@dataclass(frozen=True, slots=True)
class Accepted:
    """A fetched file that may be kept."""

    data: bytes
    file_type: FileType


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of fetching: a file, or a reason; ``again_after`` (seconds) where trying again may help."""

    file: Accepted | None = None
    state: str = "stored"
    reason: str | None = None
    again_after: float | None = None


@job(queue="files", is_outgoing=True)
def fetch_received_file(message_id: str, account_id: str) -> None:
    """Fetch what a person sent, look at it, and keep it; no transaction is open while a platform is asked."""
    enter_account(UUID(account_id))
    message = db.session.get(BotMessage, UUID(message_id))
    if message is None or message.file_state != "waiting":
        return
    reference = str((message.content.get("file") or {}).get("reference") or "")
    outcome = _fetched(message.credential_id, reference)
    enter_account(UUID(account_id))
    query = select(BotMessage).where(BotMessage.id == UUID(message_id)).with_for_update()
    waiting = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    # A job that was thought dead may have come before this one.
    if waiting is not None and waiting.file_state == "waiting":
        settle(waiting, outcome)


def settle(message: BotMessage, outcome: Outcome) -> None:
    """Note on the message what became of its file; after five tries nothing more is tried."""
    if outcome.file is not None:
        outcome = _stored(message, outcome.file)
    if outcome.again_after is not None:
        message.attempts += 1
        if message.attempts < MAX_TRIES:
            wait = max(outcome.again_after, _wait(message.attempts))
            arguments = {"message_id": str(message.id), "account_id": str(message.account_id)}
            fetch_received_file.queue(in_seconds=round(wait), **arguments)
            return
    message.file_state, message.error = outcome.state, outcome.reason


def _fetched(credential_id: UUID, reference: str) -> Outcome:
    try:
        platform = open_channel(credential_id)
    except (ChannelNotFound, SecretUnreadable):
        return Outcome(state="failed", reason=NOT_CONNECTED)
    finally:
        db.session.rollback()
    try:
        return judged(_ask(platform, reference).data)
    except Rejected as refusal:
        return Outcome(state="refused" if refusal.code == TOO_LARGE else "failed", reason=refusal.code)
    except Throttled as pause:
        return Outcome(state="failed", reason=pause.code, again_after=pause.retry_after)
    except SendFailed as fault:
        return Outcome(state="failed", reason=fault.code, again_after=0.0)


def _ask(platform: OpenChannel, reference: str) -> Fetched:
    with Calls.configured(current_app.config["PORTAL"]) as calls:
        return platform.adapter.inbound.fetch(calls.of(platform.adapter, platform.values), reference, FILE_LIMIT)


def judged(data: bytes) -> Outcome:
    """Whether a file may be kept, by its bytes alone: what platform or sender call it does not count."""
    file_type = sniff(data)
    if len(data) > FILE_LIMIT:
        return Outcome(state="refused", reason=TOO_LARGE)
    if file_type is None:
        return Outcome(state="refused", reason=UNKNOWN_TYPE)
    return Outcome(Accepted(data, file_type))


def _stored(message: BotMessage, accepted: Accepted) -> Outcome:
    """Keep it under the message's own id: run again after a crash, the job writes over what it wrote before."""
    try:
        file = BotFile.store(accepted.data, accepted.file_type.content_type, file_id=message.id)
    except BucketUnavailable as fault:
        log.warning("the bucket does not take the file of message %s: %s", message.id, fault)
        return Outcome(state="failed", reason=Failure.UNAVAILABLE, again_after=0.0)
    message.file_id = file.id
    return Outcome()


def _wait(attempts: int) -> float:
    """10 s, 40 s, 160 s, 640 s, each up to a quarter more, so that what failed together does not return together."""
    wait: float = FIRST_WAIT_SECONDS * 4 ** (attempts - 1)
    return min(MAX_WAIT_SECONDS, wait * (1 + random.random() / 4))  # noqa: S311 (nothing is secret about it)
