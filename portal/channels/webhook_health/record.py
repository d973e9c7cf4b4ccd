"""Writing down what a check came to: state, last check, next check, and the timeline where it is news."""

import hashlib
import random
from datetime import datetime, timedelta
from uuid import UUID

from portal.channels.events import BotPlatformEvent
from portal.channels.models import UNDER_WAY, BotConnection, BotPlatformCredential
from portal.channels.notices import PLATFORM_FAILING, WEBHOOK_HEALED, raise_for_platform
from portal.channels.webhook_health.repair import CheckResult
from portal.channels.webhook_health.target import DeliveryMode, WebhookTarget, open_connection
from portal.db.types import utc_now
from portal.media.bucket import BucketUnavailable
from portal.media.content_types import sniff
from portal.media.files import BotFile
from portal.messengers.results import Profile
from portal.notices.raising import resolve_notice

HEALTHY_INTERVAL = timedelta(minutes=10)
AFTER_HEALING = timedelta(minutes=1)
FIRST_PAUSE, MAX_PAUSE = 30.0, 1800.0
# About an hour and a half: then credentials that nobody uses any more are forgotten with or without an answer.
MAX_REMOVALS = 8
# One answer that fails to come is no news.
MAX_SILENT_FAILURES = 1


class CheckRecord:
    """What one result means for the rows of its target, which are held until the transaction ends."""

    def __init__(self, target: WebhookTarget, result: CheckResult, *, asked: bool) -> None:
        self.target, self.result, self.asked = target, result, asked
        self.settling = target.state in UNDER_WAY

    def keep(self) -> None:
        """Write it all down.

        Where the owner wants something else by now, this check may have undone what was done for the newer wish:
        that is done once more.
        """
        picture = self._stored_picture()
        rows = open_connection(self.target.credential_id)
        if rows is None:
            return
        credential, connection = rows
        if connection.generation != self.target.generation:
            if self.settling or self.result.action:
                connection.settle_again()
            return
        self._keep_profile(connection, picture)
        self._keep_check(credential)
        self._keep_state(credential, connection)

    def _stored_picture(self) -> UUID | None:
        """The id of a new picture. Before anything else: a bucket is asked while no transaction is open."""
        data = self.result.profile.picture if self.result.profile else None
        file_type = sniff(data) if data else None
        if not data or file_type is None or file_type.kind != "image":
            return None
        if hashlib.sha256(data).digest() == self.target.picture:
            return None
        try:
            return BotFile.store(data, file_type.content_type).id
        except BucketUnavailable:
            return None

    def _keep_profile(self, connection: BotConnection, picture: UUID | None) -> None:
        profile = self.result.profile
        if profile is None:
            return
        if connection.external_id not in (None, profile.external_id):
            connection.forget_bot()
        connection.external_id, connection.profile = profile.external_id, profile_fields(profile)
        connection.picture_id = picture or (connection.picture_id if profile.picture else None)

    def _keep_check(self, credential: BotPlatformCredential) -> None:
        if self.result.answered:
            credential.webhook_last_checked = utc_now()
        if self.result.address is not None:
            credential.webhook_url = self.result.address or None

    def _keep_state(self, credential: BotPlatformCredential, connection: BotConnection) -> None:
        result, before = self.result, connection.problem
        failed = result.problem is not None
        connection.failures = connection.failures + 1 if failed else 0
        connection.due_at = self._next_check(connection.failures)
        if self._is_silent(connection):
            return
        connection.problem, connection.detail = result.problem, result.detail or None
        if self.settling and result.passing and connection.failures < self._most_tries:
            self._tell(credential, before, "retrying")
            return
        was_failing, connection.state = connection.state == "failing", result.state
        self._raise(credential, before, was_failing=was_failing)
        if connection.state == "off":
            connection.due_at = None
        if connection.state == "off" or result.problem == "token_revoked":
            # Whoever has no right to the bot does not keep others from it.
            connection.identity_digest = None
        if self.target.former and connection.state == "off":
            credential.forget()
        self._tell(credential, before, result.outcome)

    def _raise(self, credential: BotPlatformCredential, before: str | None, *, was_failing: bool) -> None:
        """Tell people of what began and what is over; of what goes on they were told."""
        result = self.result
        if result.state == "failing":
            if not was_failing or result.problem != before:
                raise_for_platform(PLATFORM_FAILING, credential, result.problem)
            return
        is_healed = result.outcome == "healed"
        if before is not None or was_failing or self.settling:
            # What the portal put right by itself it tells in one piece, and what is switched off not at all.
            resolve_notice(PLATFORM_FAILING, credential.id, quietly=is_healed or result.state == "off")
        if is_healed:
            raise_for_platform(WEBHOOK_HEALED, credential, result.cause)

    @property
    def _most_tries(self) -> float:
        """Then a webhook that cannot be removed is left where it is: what it delivers is ignored here."""
        return MAX_REMOVALS if self.target.state == "removing" else float("inf")

    def _is_silent(self, connection: BotConnection) -> bool:
        passing = self.result.passing and not self.settling and not self.asked
        return passing and connection.failures <= MAX_SILENT_FAILURES

    def _tell(self, credential: BotPlatformCredential, before: str | None, outcome: str) -> None:
        """Finish the line that waits; by itself the check tells what changed or was done, and nothing else."""
        result = self.result
        details = {"cause": result.cause, "action": result.action, "detail": result.detail or None}
        if BotPlatformEvent.finish(credential, result=outcome, **details):
            return
        is_recovery = before is not None and result.problem is None and result.outcome != "healed"
        if is_recovery and not self.settling:
            outcome, details = "recovered", {"cause": before}
        is_settled = self.settling and outcome != "retrying"
        if self.asked or result.action or is_recovery or is_settled or result.problem != before:
            occasion = "settling" if self.settling else "check"
            BotPlatformEvent.note(credential, occasion=occasion, result=outcome, **details)

    def _next_check(self, failures: int) -> datetime | None:
        result = self.result
        if not self.settling and (self.target.mode is DeliveryMode.NONE or not self.target.heals_itself):
            return None
        if result.wait is not None:
            return utc_now() + timedelta(seconds=max(result.wait, 1.0) + random.uniform(0, 5))  # noqa: S311
        if result.passing or (result.problem and self.target.heals_itself):
            return utc_now() + timedelta(seconds=pause_after(failures))
        if result.state == "off" or not self.target.heals_itself or result.problem:
            return None
        interval = AFTER_HEALING if result.outcome == "healed" else HEALTHY_INTERVAL
        return utc_now() + interval * random.uniform(0.8, 1.2)  # noqa: S311


def pause_after(failures: int) -> float:
    """Seconds until the next try after so many failures in a row, with jitter."""
    longest = min(MAX_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 10))
    return longest * random.uniform(0.7, 1.0)  # noqa: S311


def profile_fields(profile: Profile) -> dict[str, str]:
    """What is kept of a profile, without what the platform does not say."""
    fields = {"name": profile.name, "username": profile.username, "link": profile.link}
    return {key: value for key, value in fields.items() if value}
