"""The owner's switch: each turn changes rows and asks for a job, all in the transaction of the request."""

from collections.abc import Iterable, Mapping

from portal.audit.models import Action
from portal.bots.models import BotInstance
from portal.channels.events import WAITING, BotPlatformEvent
from portal.channels.models import UNDER_WAY, BotConnection, BotPlatformCredential
from portal.channels.notices import PLATFORM_FAILING
from portal.channels.queries import cancel_queued, connections_of
from portal.channels.webhook_health.jobs import check_platform, settle_connection
from portal.db.types import utc_now
from portal.messaging.failures import Failure
from portal.notices.raising import resolve_notice


class Switch:
    """One platform of a bot, whose row the request holds."""

    def __init__(self, credential: BotPlatformCredential) -> None:
        self.credential = credential

    def turn_on(self) -> None:
        """Answer messages; a second time changes nothing. Raises ``SwitchRefused`` where that cannot work."""
        if self.credential.activate():
            self._begin("connecting", "switch_on")

    def turn_off(self) -> int:
        """Ignore messages; how many that waited to be sent are not sent any more."""
        if not self.credential.deactivate():
            return 0
        self._begin("removing", "switch_off")
        return cancel_queued(self.credential.id)

    def set_again(self) -> None:
        """Set the webhook once more, whoever took it. Raises ``SwitchRefused`` where that cannot work."""
        self.credential.require_readiness()
        if self.credential.is_active:
            self.credential.record(Action.WEBHOOK_SET)
            self._begin("connecting", "set_again")

    def replace(
        self,
        values: Mapping[str, str],
        *,
        switch_on: bool = False,
        instead_of: Iterable[BotPlatformCredential] = (),
    ) -> None:
        """Store credentials, ``instead_of`` platforms that had the same.

        Those they replace are kept apart until the webhook is removed with them.
        """
        credential, former = self.credential, self.credential.stored.values
        is_new = not credential.credentials
        credential.set_credentials(values, switch_on=switch_on)
        for other in instead_of:
            Switch(other).give_way(credential.bot, stays_off=not credential.is_live)
        if self._is_other_bot(former, values):
            self._let_go(former)
        if credential.is_active and credential.bot.is_active:
            self._begin("connecting", "switch_on" if switch_on else "credentials")
        elif not is_new:
            BotPlatformEvent.note(credential, occasion="credentials", result="kept")

    def give_way(self, successor: BotInstance, *, stays_off: bool) -> None:
        """Stop because another bot of the account takes over the credentials, which itself is on or ``stays_off``."""
        credential = self.credential
        if not credential.deactivate():
            return
        BotPlatformEvent.note(
            credential, occasion="moved", result="off", cause=Failure.MOVED_TO_ANOTHER_BOT, detail=successor.name
        )
        if stays_off:
            self._begin("removing", "switch_off")
        else:
            # The webhook is the successor's by now: nothing of it is touched from here.
            connection = BotConnection.of(credential)
            connection.begin("off")
            connection.identity_digest, connection.due_at = None, None
            connection.problem, connection.detail = Failure.MOVED_TO_ANOTHER_BOT, successor.name
        resolve_notice(PLATFORM_FAILING, credential.id, quietly=True)
        cancel_queued(credential.id)

    def disconnect(self) -> int:
        """Forget the credentials as soon as the webhook is removed; how many messages are not sent any more."""
        credential = self.credential
        credential.disconnect()
        if credential.stored.is_usable:
            self._begin("removing", "disconnect")
        else:
            credential.forget()
            resolve_notice(PLATFORM_FAILING, credential.id, quietly=True)
            BotPlatformEvent.note(credential, occasion="disconnect", result="off")
        return cancel_queued(credential.id)

    def check(self) -> None:
        """Have the platform asked now, unless that is on its way."""
        self.credential.require_readiness()
        connection = BotConnection.of(self.credential)
        if connection.generation == 0 and connection.state == "off" and self.credential.is_live:
            # Switched on by an older program: the check finds out how it stands.
            connection.state = "live"
        credential_id, account_id = str(self.credential.id), str(self.credential.account_id)
        if check_platform.queue(credential_id=credential_id, account_id=account_id):
            self.credential.record(Action.CHECKED)
            BotPlatformEvent.note(self.credential, occasion="check_asked", result=WAITING)

    def refresh(self, wanted: bool) -> None:
        """Whether the portal looks after the webhook by itself."""
        credential = self.credential
        if credential.webhook_auto_refresh == wanted:
            return
        credential.refresh_webhook(wanted)
        BotPlatformEvent.note(credential, occasion="refresh_on" if wanted else "refresh_off", result="kept")
        connection = credential.connection
        if connection is not None and connection.state not in (*UNDER_WAY, "off"):
            connection.due_at = utc_now() if wanted else None

    def _begin(self, state: str, occasion: str) -> None:
        connection = BotConnection.of(self.credential)
        connection.begin(state)
        BotPlatformEvent.note(self.credential, occasion=occasion, result=WAITING)
        queue_settling(self.credential, connection)

    def _is_other_bot(self, former: Mapping[str, str], values: Mapping[str, str]) -> bool:
        """Whether the former credentials may hold a webhook that the new ones do not reach."""
        adapter, connection = self.credential.adapter, self.credential.connection
        if adapter is None or connection is None or not adapter.is_complete(former):
            return False
        old, new = adapter.normalise(former), adapter.normalise(values)
        bound = adapter.secret_fields | {field.name for field in adapter.fields if field.binds_secrets}
        return any(old[name] != new[name] for name in bound)

    def _let_go(self, former: Mapping[str, str]) -> None:
        held = BotConnection.of(self.credential)
        held.forget_bot()
        held.identity_digest = None
        row = self.credential.former(former)
        connection = BotConnection.of(row)
        connection.begin("removing")
        queue_settling(row, connection)


def follow_bots(bots: Iterable[BotInstance]) -> None:
    """Archived bots let go of their webhooks, restored ones take them up again where they are switched on."""
    by_id = {bot.id: bot for bot in bots}
    for credential in connections_of(list(by_id)):
        is_active = by_id[credential.bot_id].is_active
        if credential.is_active:
            _follow(credential, is_active)


def _follow(credential: BotPlatformCredential, is_active: bool) -> None:
    connection = BotConnection.of(credential)
    connection.begin("connecting" if is_active else "removing")
    BotPlatformEvent.note(credential, occasion="restored" if is_active else "archived", result=WAITING)
    if not is_active:
        cancel_queued(credential.id)
    queue_settling(credential, connection)


def queue_settling(credential: BotPlatformCredential, connection: BotConnection) -> None:
    """Ask for the job; it exists when the present transaction commits."""
    settle_connection.queue(
        credential_id=str(credential.id),
        account_id=str(credential.account_id),
        generation=str(connection.generation),
    )
