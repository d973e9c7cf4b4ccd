"""Speaking to the platform about one webhook: switching on and off, checking, healing.

The only row in here is the claim on the bot: what another connection holds is not touched.
"""

import time
from dataclasses import dataclass, field

from portal.channels.webhook_health.diagnosis import (
    HEALED_BY_SETTING,
    HEALTHY,
    Diagnosis,
    diagnose,
    diagnose_failure,
    is_passing,
)
from portal.channels.webhook_health.target import DeliveryMode, WebhookTarget
from portal.db.types import utc_now
from portal.messengers.call import Call
from portal.messengers.calls import Calls
from portal.messengers.errors import CredentialsRefused, Resting, SendFailed, Throttled
from portal.messengers.results import Profile

# A wish to be asked again so soon is fulfilled at once, a longer one with the next check.
MAX_WAIT_SECONDS = 3.0
STATE_OF = {
    DeliveryMode.DELIVERED: "live",
    DeliveryMode.POLLED: "polling",
    DeliveryMode.NOWHERE: "failing",
    DeliveryMode.NONE: "off",
}
WILL = {
    DeliveryMode.DELIVERED: "set_webhook",
    DeliveryMode.POLLED: "poll",
    DeliveryMode.NOWHERE: None,
    DeliveryMode.NONE: "remove_webhook",
}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of it: the new ``state``, what was found (``cause``), done (``action``) and reached (``outcome``).

    ``problem`` is what stays wrong. ``answered`` is whether the platform answered at all; ``address`` is where it
    delivers now (empty: nowhere), ``None`` where nobody can tell. ``passing`` failures are tried again by
    themselves, ``wait`` is the platform's own wish for how many seconds later.
    """

    state: str
    outcome: str
    cause: str | None = None
    action: str | None = None
    problem: str | None = None
    detail: str = ""
    answered: bool = True
    address: str | None = None
    profile: Profile | None = field(default=None, repr=False)
    passing: bool = False
    wait: float | None = None


class WebhookRepair:
    """One webhook at its platform."""

    def __init__(self, target: WebhookTarget, calls: Calls) -> None:
        self.target, self.adapter = target, target.adapter
        self.call: Call = calls.of(target.adapter, target.values)
        self.calls = calls
        self.profile: Profile | None = None

    def settle(self) -> CheckResult:
        """Bring the platform to what the owner wants; done twice it changes nothing more."""
        if not self.target.values:
            return self._without_credentials()
        try:
            return self._remove() if self.target.mode is DeliveryMode.NONE else self._connect()
        except SendFailed as error:
            return self._failed(error)

    def examine(self, *, asked: bool) -> CheckResult:
        """Compare the platform's view with ours, and put right what can be put right.

        ``asked`` is the owner's wish: then the bot's name is read anew, and a fight over the webhook is taken up.
        """
        if not self.target.values:
            return self._without_credentials()
        try:
            nothing_set = self.target.mode in (DeliveryMode.NONE, DeliveryMode.NOWHERE)
            if asked or nothing_set or self.target.external_id is None:
                self.profile = self.adapter.setup.profile(self.call)
            if nothing_set:
                return self._reached(HEALTHY)
            found = self._diagnosed()
            self._hold()
            return self._repair(found, asked)
        except SendFailed as error:
            return self._failed(error)

    def renew(self) -> None:
        """Set the webhook anew where one is to be set. Raises ``SendFailed``."""
        if self.target.values and self.target.mode is DeliveryMode.DELIVERED:
            self._hold()
            self._bring_about()

    def _connect(self) -> CheckResult:
        self.profile = self.adapter.setup.profile(self.call)
        self._hold()
        self._bring_about()
        return self._reached("live", action=WILL[self.target.mode])

    def _hold(self) -> None:
        """Take the bot whose credentials the platform has just accepted. Raises Rejected where it is taken."""
        external_id = self.profile.external_id if self.profile else self.target.external_id
        if external_id is not None:
            self.target.claim.take(external_id)

    def _bring_about(self) -> None:
        """Setting the webhook; somebody else may just have done so, and platforms take it about once a second."""
        try:
            self._set()
        except Throttled as error:
            if error.retry_after > MAX_WAIT_SECONDS:
                raise
            time.sleep(error.retry_after)
            self._set()

    def _set(self) -> None:
        if self.target.mode is DeliveryMode.DELIVERED:
            self.adapter.webhook.set_webhook(self.call, self.target.address, self.target.secret)
        elif self.target.mode is DeliveryMode.POLLED:
            self.adapter.webhook.remove_webhook(self.call)

    def _remove(self) -> CheckResult:
        """Nothing of a bot that goes on elsewhere is removed by its former credentials."""
        try:
            if not (self._is_held_by_another() or self._goes_on()):
                self.adapter.webhook.remove_webhook(self.call)
        except CredentialsRefused as error:
            return CheckResult("off", "off", "token_revoked", detail=error.detail, address="")
        return CheckResult("off", "off", action="remove_webhook", address="")

    def _is_held_by_another(self) -> bool:
        external_id = self.target.external_id
        return external_id is not None and self.target.claim.is_taken(external_id)

    def _goes_on(self) -> bool:
        if self.target.successor is None:
            return False
        former = self.adapter.setup.profile(self.call).external_id
        try:
            current = self.adapter.setup.profile(self.calls.of(self.adapter, self.target.successor)).external_id
        except CredentialsRefused:
            return False
        return former == current

    def _diagnosed(self) -> Diagnosis:
        view = self.adapter.webhook.inspect(self.call)
        if not view.supported and self.profile is None:
            self.profile = self.adapter.setup.profile(self.call)
        return diagnose(
            view,
            address=self.target.address,
            wanted=self.adapter.wanted,
            last_update_at=self.target.last_update_at,
            now=utc_now(),
        )

    def _repair(self, found: Diagnosis, asked: bool) -> CheckResult:
        if found.is_healthy:
            return self._reached(HEALTHY)
        if found.code not in HEALED_BY_SETTING or not self.target.heals_itself:
            return self._unhealed(found.code, found)
        if self.target.is_fought_over and not asked:
            return self._unhealed("fought_over", found, outcome="stopped")
        self._bring_about()
        return self._reached("healed", cause=found.code, action=WILL[self.target.mode], detail=found.detail)

    def _reached(
        self, outcome: str, *, cause: str | None = None, action: str | None = None, detail: str = ""
    ) -> CheckResult:
        mode = self.target.mode
        problem = "no_public_address" if mode is DeliveryMode.NOWHERE else None
        return CheckResult(
            STATE_OF[mode],
            "failed" if problem else outcome,
            cause=problem or cause,
            action=action,
            problem=problem,
            detail=detail,
            address=self.target.address if mode is DeliveryMode.DELIVERED else "",
            profile=self.profile,
        )

    def _unhealed(self, problem: str, found: Diagnosis, *, outcome: str = "failed") -> CheckResult:
        elsewhere = found.code in ("not_set", "taken_over")
        return CheckResult(
            "failing",
            outcome,
            cause=found.code,
            problem=problem,
            detail=found.detail,
            address="" if elsewhere else None,
            profile=self.profile,
        )

    def _failed(self, error: SendFailed) -> CheckResult:
        found, passing = diagnose_failure(error), is_passing(error)
        return CheckResult(
            "off" if self.target.mode is DeliveryMode.NONE else "failing",
            "failed",
            cause=found.code,
            problem=found.code,
            detail=found.detail,
            answered=not passing or (isinstance(error, Throttled) and not isinstance(error, Resting)),
            profile=self.profile,
            passing=passing,
            wait=error.retry_after if isinstance(error, Throttled) else None,
        )

    def _without_credentials(self) -> CheckResult:
        if self.target.mode is DeliveryMode.NONE:
            return CheckResult("off", "off", "unreadable", answered=False, address="")
        return CheckResult("failing", "failed", "unreadable", problem="unreadable", answered=False)
