"""Senders: one claimed message, one call, one note. No transaction is open while a platform is asked."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Flask

from portal.channels.credentials import StoredCredentials
from portal.channels.open_channel import ChannelNotFound, open_channel
from portal.conversations.transition import Press
from portal.db.secrets import Place, SecretUnreadable
from portal.media.outgoing import outgoing_file, remember_upload
from portal.messaging.events import MessageState, OutgoingMessage
from portal.messaging.failures import Failure
from portal.messaging.sending.candidates import QueuedMessage
from portal.messaging.sending.retry_policy import Verdict, decide, record_outcome
from portal.messaging.sending.sent_notes import SentNotes
from portal.messaging.transactions import line_transaction, transaction
from portal.messengers.calls import Calls
from portal.messengers.errors import CredentialsRefused, Rejected, SendFailed, Unclear
from portal.messengers.registry import PLATFORMS
from portal.messengers.results import OutgoingFile
from portal.telemetry.failures import failure_location
from portal.telemetry.metrics import metrics

# A bot whose message was taken so short a time ago is served by its platform.
SERVED_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PressToAcknowledge:
    """A press of one bot's button."""

    account_id: UUID
    credential_id: UUID
    platform: str
    press: Press


Acknowledge = Callable[[PressToAcknowledge], None]


class Sender:
    """Calls platforms for one worker; used by many threads at once."""

    def __init__(self, app: Flask, calls: Calls) -> None:
        self.app, self.calls = app, calls
        self._sent_notes = SentNotes(app)
        self._served_at: dict[UUID, float] = {}

    def attempt(self, message: QueuedMessage) -> Verdict:
        """Call the platform, and say what it came to."""
        adapter = PLATFORMS.get(message.platform)
        tries = message.attempts + 1
        resolves = adapter is not None and adapter.resolves_uncertain
        try:
            verdict = self._send(message)
            self._served_at[message.credential_id] = time.monotonic()
            return verdict
        except SendFailed as error:
            is_outage = not self._is_served(message.credential_id)
            return decide(error, tries, resolves=resolves, is_outage=is_outage, waited=message.waited)
        except SecretUnreadable:
            return decide(CredentialsRefused(Failure.CREDENTIALS_UNREADABLE), tries, resolves=resolves)
        except Exception as error:
            told = failure_location(error)
            place = {"fields": {"message_id": message.id, "account_id": message.account_id}}
            log.error("message %s: %s", message.id, told, extra=place)
            return decide(Unclear(Failure.INTERNAL, told), tries, resolves=resolves)

    def settle(self, message: QueuedMessage, worker: int, verdict: Verdict) -> None:
        """Note what it came to."""
        metrics(self.app).count_sending(message.platform, verdict.state.value)
        if verdict.sent is not None and verdict.is_plain_for(message):
            self._sent_notes.note(message, worker, verdict.sent)
            return
        with transaction(self.app, message.account_id):
            record_outcome(message, worker, verdict)
            if verdict.sent is not None and verdict.sent.file_ref:
                sent = verdict.sent
                remember_upload(verdict.file, message.credential_id, verdict.identity, sent.file_ref)

    def acknowledge(self, pressed: PressToAcknowledge) -> None:
        """Tell the platform that a press was seen; if that fails, nobody is worse off than before."""
        try:
            with line_transaction(self.app, pressed.account_id):
                opened = open_channel(pressed.credential_id)
            call = self.calls.of(opened.adapter, opened.values)
            opened.adapter.outbound.acknowledge(call, pressed.press.callback, pressed.press.text)
        except (SendFailed, ChannelNotFound, SecretUnreadable) as error:
            log.info("a press was not acknowledged: %s", error.code if isinstance(error, SendFailed) else "")
        except Exception as error:
            log.warning("a press was not acknowledged: %s", failure_location(error))

    def _is_served(self, credential_id: UUID) -> bool:
        served_at = self._served_at.get(credential_id)
        return served_at is not None and time.monotonic() - served_at < SERVED_SECONDS

    def _send(self, message: QueuedMessage) -> Verdict:
        adapter = PLATFORMS.get(message.platform)
        if adapter is None:
            raise Rejected(Failure.UNKNOWN_PLATFORM)
        outgoing = OutgoingMessage.from_json(message.content, message.step_id, message.turn or 0)
        with self.app.app_context():
            place = Place("bot_platform_credential", "credentials", message.credential_id, message.account_id)
            values = StoredCredentials(adapter, message.credentials, place).open()
        identity = message.external_id or adapter.setup.identify(values)
        file = self._file(message, outgoing, identity) if outgoing.attachment else None
        call = self.calls.of(adapter, values)
        sent = adapter.outbound.send(call, message.chat_id, outgoing, file, str(message.id))
        return Verdict(MessageState.SENT, sent=sent, file=file, identity=identity)

    def _file(self, message: QueuedMessage, outgoing: OutgoingMessage, identity: str) -> OutgoingFile | None:
        assert outgoing.attachment is not None
        with transaction(self.app, message.account_id):
            return outgoing_file(outgoing.attachment.key, message.bot_id, message.credential_id, identity)
