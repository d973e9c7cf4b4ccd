"""Senders: one claimed message, one call, one note. No transaction is open while a platform is asked."""

import logging
from typing import Any

from flask import Flask

from portal.channels.credentials import StoredCredentials
from portal.channels.open_channel import NoSuchPlatform, open_platform
from portal.db.secrets import Place, SecretUnreadable
from portal.messaging.events import MessageState, Utterance
from portal.messaging.receiving.update_processor import PressToAcknowledge
from portal.messaging.sending.retry_policy import Verdict, judge, note
from portal.messaging.transactions import place_of_failure, unit
from portal.messengers.calls import Calls
from portal.messengers.errors import CredentialsRefused, Rejected, SendFailed, Unclear
from portal.messengers.registry import PLATFORMS
from portal.messengers.results import OutgoingFile

log = logging.getLogger(__name__)


class Sender:
    """Calls platforms for one worker; used by many threads at once."""

    def __init__(self, app: Flask, calls: Calls) -> None:
        self.app, self.calls = app, calls

    def attempt(self, message: Any) -> Verdict:
        """Call the platform, and say what it came to."""
        adapter = PLATFORMS.get(message.platform)
        tries = message.attempts + 1
        resolves = adapter is not None and adapter.resolves_uncertain
        try:
            return self._send(message)
        except SendFailed as error:
            return judge(error, tries, resolves=resolves)
        except SecretUnreadable:
            return judge(CredentialsRefused("credentials_unreadable"), tries, resolves=resolves)
        except Exception as error:
            told = place_of_failure(error)
            log.error("message %s: %s", message.id, told)
            return judge(Unclear("internal", told), tries, resolves=resolves)

    def settle(self, message: Any, worker: int, verdict: Verdict) -> None:
        """Note what it came to."""
        with unit(self.app, message.account_id):
            note(message, worker, verdict)
            if verdict.sent is not None and verdict.sent.file_ref:
                from portal.media.outgoing import remember_upload

                sent = verdict.sent
                remember_upload(verdict.file, message.credential_id, verdict.identity, sent.file_ref)

    def acknowledge(self, pressed: PressToAcknowledge) -> None:
        """Tell the platform that a press was seen; if that fails, nobody is worse off than before."""
        try:
            with unit(self.app, pressed.account_id):
                opened = open_platform(pressed.credential_id)
            call = self.calls.of(opened.adapter, opened.values)
            opened.adapter.acknowledge(call, pressed.press.callback, pressed.press.text)
        except (SendFailed, NoSuchPlatform, SecretUnreadable) as error:
            log.info("a press was not acknowledged: %s", error.code if isinstance(error, SendFailed) else "")
        except Exception as error:
            log.warning("a press was not acknowledged: %s", place_of_failure(error))

    def _send(self, message: Any) -> Verdict:
        adapter = PLATFORMS.get(message.platform)
        if adapter is None:
            raise Rejected("unknown_platform")
        utterance = Utterance.from_json(message.content, message.step_id, message.turn or 0)
        with self.app.app_context():
            place = Place("bot_platform_credential", "credentials", message.credential_id, message.account_id)
            values = StoredCredentials(adapter, message.credentials, place).open()
        identity = message.external_id or adapter.identify(values)
        file = self._file(message, utterance, identity) if utterance.attachment else None
        call = self.calls.of(adapter, values)
        sent = adapter.send(call, message.chat_id, utterance, file, str(message.id))
        return Verdict(MessageState.SENT, sent=sent, file=file, identity=identity)

    def _file(self, message: Any, utterance: Utterance, identity: str) -> OutgoingFile | None:
        from portal.media.outgoing import outgoing_file

        assert utterance.attachment is not None
        with unit(self.app, message.account_id):
            return outgoing_file(utterance.attachment.key, message.bot_id, message.credential_id, identity)
