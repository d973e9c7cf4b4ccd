"""Speaking to the platform about one case: switching on and off, checking, healing. No database in here."""

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
from portal.channels.webhook_health.target import Case, Way
from portal.db.types import utc_now
from portal.messengers.calls import Call, Calls
from portal.messengers.errors import CredentialsRefused, SendFailed, Throttled
from portal.messengers.protocol import Profile

# A wish to be asked again so soon is fulfilled at once, a longer one with the next visit.
LONGEST_WAIT_SECONDS = 3.0
STATE_OF = {Way.DELIVERED: "live", Way.POLLED: "polling", Way.NOWHERE: "failing", Way.NONE: "off"}
WILL = {Way.DELIVERED: "set_webhook", Way.POLLED: "poll", Way.NOWHERE: None, Way.NONE: "remove_webhook"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of it: the new ``state``, what was found (``cause``), done (``action``) and reached (``result``).

    ``problem`` is what stays wrong. ``answered`` is whether the platform answered at all; ``address`` is where it
    delivers now (empty: nowhere), ``None`` where nobody can tell. ``passing`` failures are tried again by
    themselves, ``wait`` is the platform's own wish for how many seconds later.
    """

    state: str
    result: str
    cause: str | None = None
    action: str | None = None
    problem: str | None = None
    detail: str = ""
    answered: bool = True
    address: str | None = None
    profile: Profile | None = field(default=None, repr=False)
    passing: bool = False
    wait: float | None = None


class Treatment:
    """One case at its platform."""

    def __init__(self, case: Case, calls: Calls) -> None:
        self.case, self.adapter = case, case.adapter
        self.call: Call = calls.of(case.adapter, case.values)
        self.calls = calls
        self.profile: Profile | None = None

    def settle(self) -> Finding:
        """Bring the platform to what the owner wants; done twice it changes nothing more."""
        if not self.case.values:
            return self._without_credentials()
        try:
            return self._remove() if self.case.way is Way.NONE else self._connect()
        except SendFailed as error:
            return self._failed(error)

    def examine(self, *, asked: bool) -> Finding:
        """Compare the platform's view with ours, and put right what can be put right.

        ``asked`` is the owner's wish: then the bot's name is read anew, and a fight over the webhook is taken up.
        """
        if not self.case.values:
            return self._without_credentials()
        try:
            nothing_set = self.case.way in (Way.NONE, Way.NOWHERE)
            if asked or nothing_set or self.case.external_id is None:
                self.profile = self.adapter.profile(self.call)
            if nothing_set:
                return self._reached(HEALTHY)
            return self._treat(self._diagnosed(), asked)
        except SendFailed as error:
            return self._failed(error)

    def _connect(self) -> Finding:
        self.profile = self.adapter.profile(self.call)
        self._bring_about()
        return self._reached("live", action=WILL[self.case.way])

    def _bring_about(self) -> None:
        """Setting the webhook; somebody else may just have done so, and platforms take it about once a second."""
        try:
            self._set()
        except Throttled as error:
            if error.retry_after > LONGEST_WAIT_SECONDS:
                raise
            time.sleep(error.retry_after)
            self._set()

    def _set(self) -> None:
        if self.case.way is Way.DELIVERED:
            self.adapter.set_webhook(self.call, self.case.address, self.case.secret)
        elif self.case.way is Way.POLLED:
            self.adapter.remove_webhook(self.call)

    def _remove(self) -> Finding:
        """Nothing of a bot that goes on under newer credentials is removed by its former ones."""
        try:
            if not self._goes_on():
                self.adapter.remove_webhook(self.call)
        except CredentialsRefused as error:
            return Finding("off", "off", "token_revoked", detail=error.detail, address="")
        return Finding("off", "off", action="remove_webhook", address="")

    def _goes_on(self) -> bool:
        if self.case.successor is None:
            return False
        former = self.adapter.profile(self.call).external_id
        try:
            current = self.adapter.profile(self.calls.of(self.adapter, self.case.successor)).external_id
        except CredentialsRefused:
            return False
        return former == current

    def _diagnosed(self) -> Diagnosis:
        view = self.adapter.inspect(self.call)
        if not view.supported and self.profile is None:
            self.profile = self.adapter.profile(self.call)
        return diagnose(
            view,
            address=self.case.address,
            wanted=self.adapter.wanted,
            last_update_at=self.case.last_update_at,
            now=utc_now(),
        )

    def _treat(self, found: Diagnosis, asked: bool) -> Finding:
        if found.is_healthy:
            return self._reached(HEALTHY)
        if found.code not in HEALED_BY_SETTING or not self.case.heals_itself:
            return self._unhealed(found.code, found)
        if self.case.is_fought_over and not asked:
            return self._unhealed("fought_over", found, result="stopped")
        self._bring_about()
        return self._reached("healed", cause=found.code, action=WILL[self.case.way], detail=found.detail)

    def _reached(
        self, result: str, *, cause: str | None = None, action: str | None = None, detail: str = ""
    ) -> Finding:
        way = self.case.way
        problem = "no_public_address" if way is Way.NOWHERE else None
        return Finding(
            STATE_OF[way],
            "failed" if problem else result,
            cause=problem or cause,
            action=action,
            problem=problem,
            detail=detail,
            address=self.case.address if way is Way.DELIVERED else "",
            profile=self.profile,
        )

    def _unhealed(self, problem: str, found: Diagnosis, *, result: str = "failed") -> Finding:
        elsewhere = found.code in ("not_set", "taken_over")
        return Finding(
            "failing",
            result,
            cause=found.code,
            problem=problem,
            detail=found.detail,
            address="" if elsewhere else None,
            profile=self.profile,
        )

    def _failed(self, error: SendFailed) -> Finding:
        found, passing = diagnose_failure(error), is_passing(error)
        return Finding(
            "off" if self.case.way is Way.NONE else "failing",
            "failed",
            cause=found.code,
            problem=found.code,
            detail=found.detail,
            answered=not passing or isinstance(error, Throttled),
            profile=self.profile,
            passing=passing,
            wait=error.retry_after if isinstance(error, Throttled) else None,
        )

    def _without_credentials(self) -> Finding:
        if self.case.way is Way.NONE:
            return Finding("off", "off", "unreadable", answered=False, address="")
        return Finding("failing", "failed", "unreadable", problem="unreadable", answered=False)
