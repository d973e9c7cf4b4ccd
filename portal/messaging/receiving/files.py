"""Files that people send, fetched from the messenger and kept."""

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.channels.open_channel import ChannelNotFound, OpenChannel, open_channel
from portal.channels.shared_calls import shared_calls
from portal.db.base import db
from portal.db.secrets import SecretUnreadable
from portal.db.types import utc_now
from portal.jobs.queue import job
from portal.media.bucket import BucketUnavailable
from portal.media.content_types import FILE_LIMIT, FileType, sniff
from portal.media.files import BotFile, is_store_full
from portal.media.queries import claim_lost_files
from portal.messaging.failures import Failure
from portal.messaging.messages import BotMessage
from portal.messaging.notices import FILES_REFUSED, raise_for_bot
from portal.messengers.errors import CredentialsRefused, Rejected, SendFailed, Throttled
from portal.messengers.results import Fetched
from portal.staff.papers.verbs import take_file
from portal.tenancy.scope import account_scope, enter_account, system_scope

log = logging.getLogger(__name__)
# Some three hours: 10 s, 40 s, … up to an hour between the tries.
MAX_TRIES = 8
FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS = 10.0, 3600.0
# A refused token costs no try: a new one is waited for, as messages do, so long.
REFUSED_SECONDS = 600.0
WAITS_FOR_TOKEN = timedelta(days=7)
# What a job should have done by then it did not: it died, with its worker or with the database.
LOST_AFTER = timedelta(minutes=2)
MAX_SWEPT = 500
TOO_LARGE, UNKNOWN_TYPE, NOT_CONNECTED = Failure.FILE_TOO_LARGE, Failure.FILE_TYPE, Failure.NOT_CONNECTED


@dataclass(frozen=True, slots=True)
class Accepted:
    """A fetched file that may be kept."""

    data: bytes
    file_type: FileType


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of fetching: a file, or a reason; ``again_after`` (seconds) where trying again may help.

    ``counts`` is whether it was one of the file's tries.
    """

    file: Accepted | None = None
    state: str = "stored"
    reason: str | None = None
    again_after: float | None = None
    counts: bool = True


@job(queue="files", once_by=("message_id",), is_outgoing=True)
def fetch_received_file(message_id: str, account_id: str) -> None:
    """Fetch what a person sent, look at it, and keep it; no transaction is open while a platform is asked."""
    enter_account(UUID(account_id))
    message = db.session.get(BotMessage, UUID(message_id))
    if message is None or message.file_state != "waiting":
        return
    reference = str((message.content.get("file") or {}).get("reference") or "")
    outcome = Outcome(state="refused", reason=Failure.STORE_FULL)
    if not is_store_full():
        outcome = _fetched(message.credential_id, reference)
    enter_account(UUID(account_id))
    query = select(BotMessage).where(BotMessage.id == UUID(message_id)).with_for_update()
    waiting = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    # A job that was thought dead may have come before this one.
    if waiting is not None and waiting.file_state == "waiting":
        settle(waiting, outcome)


def settle(message: BotMessage, outcome: Outcome) -> None:
    """Note on the message what became of its file; after so many tries nothing more is tried."""
    if outcome.file is not None:
        outcome = _stored(message, outcome.file)
    if outcome.again_after is not None and _may_wait(message, outcome):
        message.attempts += outcome.counts
        wait = max(outcome.again_after, _wait(message.attempts) if outcome.counts else 0.0)
        message.due_at, message.error = utc_now() + timedelta(seconds=wait), None if outcome.counts else outcome.reason
        fetch_received_file.queue(
            in_seconds=round(wait), message_id=str(message.id), account_id=str(message.account_id)
        )
        return
    message.file_state, message.error = outcome.state, outcome.reason
    if outcome.reason == Failure.STORE_FULL:
        raise_for_bot(FILES_REFUSED, message.bot_id)


def _may_wait(message: BotMessage, outcome: Outcome) -> bool:
    if outcome.counts:
        return message.attempts + 1 < MAX_TRIES
    return message.created_at > utc_now() - WAITS_FOR_TOKEN


def _fetched(credential_id: UUID, reference: str) -> Outcome:
    try:
        platform = open_channel(credential_id)
    except ChannelNotFound:
        return Outcome(state="failed", reason=NOT_CONNECTED)
    except SecretUnreadable:
        return _waiting_for_token(Failure.CREDENTIALS_UNREADABLE)
    finally:
        db.session.rollback()
    try:
        return judged(_ask(platform, reference).data)
    except CredentialsRefused as refusal:
        return _waiting_for_token(refusal.code)
    except Rejected as refusal:
        return Outcome(state="refused" if refusal.code == TOO_LARGE else "failed", reason=refusal.code)
    except Throttled as pause:
        # Told to wait, or left alone for a while, is not failed.
        return Outcome(state="failed", reason=pause.code, again_after=pause.retry_after + 1, counts=False)
    except SendFailed as fault:
        return Outcome(state="failed", reason=fault.code, again_after=0.0)


def _waiting_for_token(code: str) -> Outcome:
    return Outcome(state="failed", reason=code, again_after=REFUSED_SECONDS, counts=False)


def _ask(platform: OpenChannel, reference: str) -> Fetched:
    call = shared_calls().of(platform.adapter, platform.values, str(platform.account_id))
    return platform.adapter.inbound.fetch(call, reference, FILE_LIMIT)


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
    take_file(message.id, file.id)
    return Outcome()


def _wait(attempts: int) -> float:
    """10 s, 40 s, 160 s … an hour, up to a quarter more each, so that what failed together does not return together."""
    wait: float = FIRST_WAIT_SECONDS * 4 ** (attempts - 1)
    return min(MAX_WAIT_SECONDS, wait * (1 + random.random() / 4))  # noqa: S311 (nothing is secret about it)


@job(cron="* * * * *")
def fetch_lost_files() -> None:
    """Ask again for files whose job was lost, and for those that wait for a token where credentials were changed.

    One account's many do not stand before another's few. A file whose job only waits its turn is asked for in vain.
    """
    refused = [Failure.CREDENTIALS_REFUSED, Failure.CREDENTIALS_UNREADABLE, Failure.ACCOUNT_RESTRICTED]
    with system_scope("worker"):
        lost = claim_lost_files(LOST_AFTER, refused, MAX_SWEPT)
    for file in lost:
        with account_scope(file.account_id):
            fetch_received_file.queue(message_id=str(file.id), account_id=str(file.account_id))
