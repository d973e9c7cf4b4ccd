"""Writing down what a visit to a platform came to: state, last check, next visit, and the timeline where it is news."""

import hashlib
import random
from datetime import datetime, timedelta
from uuid import UUID

from portal.bots.models import BotPlatformCredential
from portal.channels.connection import UNDER_WAY, BotConnection
from portal.channels.events import BotPlatformEvent
from portal.channels.notices import PLATFORM_FAILING, WEBHOOK_HEALED, raise_for_platform
from portal.channels.webhook_health.repair import Finding
from portal.channels.webhook_health.target import Case, Way, open_connection
from portal.db.types import utc_now
from portal.media.bucket import BucketUnavailable
from portal.media.content_types import sniff
from portal.media.files import BotFile
from portal.messengers.protocol import Profile
from portal.notices.raising import resolve_notice

HEALTHY_INTERVAL = timedelta(minutes=10)
AFTER_HEALING = timedelta(minutes=1)
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 1800.0
# About an hour and a half: then credentials that nobody uses any more are forgotten with or without an answer.
MOST_REMOVALS = 8
# One answer that fails to come is no news.
MOST_SILENT_FAILURES = 1


class Notes:
    """What one finding means for the rows of its case, which the visitor holds until the transaction ends."""

    def __init__(self, case: Case, finding: Finding, *, asked: bool) -> None:
        self.case, self.finding, self.asked = case, finding, asked
        self.settling = case.state in UNDER_WAY

    def keep(self) -> None:
        """Write it all down.

        Where the owner wants something else by now, this visit may have undone what was done for the newer wish:
        that is done once more.
        """
        picture = self._stored_picture()
        rows = open_connection(self.case.credential_id)
        if rows is None:
            return
        credential, connection = rows
        if connection.generation != self.case.generation:
            if self.settling or self.finding.action:
                connection.settle_again()
            return
        self._keep_profile(connection, picture)
        self._keep_check(credential)
        self._keep_state(credential, connection)

    def _stored_picture(self) -> UUID | None:
        """The id of a new picture. Before anything else: a bucket is asked while no transaction is open."""
        data = self.finding.profile.picture if self.finding.profile else None
        file_type = sniff(data) if data else None
        if not data or file_type is None or file_type.kind != "image":
            return None
        if hashlib.sha256(data).digest() == self.case.picture:
            return None
        try:
            return BotFile.store(data, file_type.content_type).id
        except BucketUnavailable:
            return None

    def _keep_profile(self, connection: BotConnection, picture: UUID | None) -> None:
        profile = self.finding.profile
        if profile is None:
            return
        if connection.external_id not in (None, profile.external_id):
            connection.forget_bot()
        connection.external_id, connection.profile = profile.external_id, told_profile(profile)
        connection.picture_id = picture or (connection.picture_id if profile.picture else None)

    def _keep_check(self, credential: BotPlatformCredential) -> None:
        if self.finding.answered:
            credential.webhook_last_checked = utc_now()
        if self.finding.address is not None:
            credential.webhook_url = self.finding.address or None

    def _keep_state(self, credential: BotPlatformCredential, connection: BotConnection) -> None:
        finding, before = self.finding, connection.problem
        failed = finding.problem is not None
        connection.failures = connection.failures + 1 if failed else 0
        connection.due_at = self._next_visit(connection.failures)
        if self._is_silent(connection):
            return
        connection.problem, connection.detail = finding.problem, finding.detail or None
        if self.settling and finding.passing and connection.failures < self._most_tries:
            self._tell(credential, before, "retrying")
            return
        was_failing, connection.state = connection.state == "failing", finding.state
        self._raise(credential, before, was_failing=was_failing)
        if connection.state == "off":
            connection.due_at = None
        if self.case.former and connection.state == "off":
            credential.forget()
        self._tell(credential, before, finding.result)

    def _raise(self, credential: BotPlatformCredential, before: str | None, *, was_failing: bool) -> None:
        """Tell people of what began and what is over; of what goes on they were told."""
        finding = self.finding
        if finding.state == "failing":
            if not was_failing or finding.problem != before:
                raise_for_platform(PLATFORM_FAILING, credential, finding.problem)
            return
        is_healed = finding.result == "healed"
        if before is not None or was_failing or self.settling:
            # What the portal put right by itself it tells in one piece, and what is switched off not at all.
            resolve_notice(PLATFORM_FAILING, credential.id, quietly=is_healed or finding.state == "off")
        if is_healed:
            raise_for_platform(WEBHOOK_HEALED, credential, finding.cause)

    @property
    def _most_tries(self) -> float:
        """Then a webhook that cannot be removed is left where it is: what it delivers is ignored here."""
        return MOST_REMOVALS if self.case.state == "removing" else float("inf")

    def _is_silent(self, connection: BotConnection) -> bool:
        passing = self.finding.passing and not self.settling and not self.asked
        return passing and connection.failures <= MOST_SILENT_FAILURES

    def _tell(self, credential: BotPlatformCredential, before: str | None, result: str) -> None:
        """Finish the line that waits; by itself the doctor tells what changed or was done, and nothing else."""
        finding = self.finding
        told = {"cause": finding.cause, "action": finding.action, "detail": finding.detail or None}
        if BotPlatformEvent.finish(credential, result=result, **told):
            return
        is_recovery = before is not None and finding.problem is None and finding.result != "healed"
        if is_recovery and not self.settling:
            result, told = "recovered", {"cause": before}
        is_settled = self.settling and result != "retrying"
        if self.asked or finding.action or is_recovery or is_settled or finding.problem != before:
            occasion = "settling" if self.settling else "check"
            BotPlatformEvent.note(credential, occasion=occasion, result=result, **told)

    def _next_visit(self, failures: int) -> datetime | None:
        finding = self.finding
        if not self.settling and (self.case.way is Way.NONE or not self.case.heals_itself):
            return None
        if finding.wait is not None:
            return utc_now() + timedelta(seconds=max(finding.wait, 1.0) + random.uniform(0, 5))  # noqa: S311
        if finding.passing or (finding.problem and self.case.heals_itself):
            return utc_now() + timedelta(seconds=pause_after(failures))
        if finding.state == "off" or not self.case.heals_itself or finding.problem:
            return None
        interval = AFTER_HEALING if finding.result == "healed" else HEALTHY_INTERVAL
        return utc_now() + interval * random.uniform(0.8, 1.2)  # noqa: S311


def pause_after(failures: int) -> float:
    """Seconds until the next try after so many failures in a row, with jitter."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 10))
    return longest * random.uniform(0.7, 1.0)  # noqa: S311


def told_profile(profile: Profile) -> dict[str, str]:
    """What is kept of a profile, without what the platform does not say."""
    told = {"name": profile.name, "username": profile.username, "link": profile.link}
    return {key: value for key, value in told.items() if value}
