"""What follows a failure: another try soon, ever later ones, or none before a person did something."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from portal.iiko.client.answers import Outcome
from portal.iiko.models import WaitsFor

# After the fourth failure in a row the schedule goes on.
PAUSES = (5, 15, 60, 240)  # minutes
SPREAD = 0.2
# A server that starts cannot check passwords; and too many wrong ones may lock the user out.
REFUSAL_PAUSES = (2, 10)  # minutes
MOST_REFUSALS = 3  # a day
# The failure at which people are told.
TOLD_AT = 3

WAITS_FOR = {
    Outcome.REFUSED: WaitsFor.PASSWORD,
    Outcome.UNREADABLE: WaitsFor.PASSWORD,
    Outcome.BLOCKED_MODULE: WaitsFor.LICENCE,
    Outcome.UNTRUSTED: WaitsFor.CERTIFICATE,
    Outcome.CERTIFICATE_CHANGED: WaitsFor.CERTIFICATE,
    Outcome.WRONG_ADDRESS: WaitsFor.ADDRESS,
    Outcome.ADDRESS_REFUSED: WaitsFor.ADDRESS,
    Outcome.MOVED: WaitsFor.ADDRESS,
    Outcome.PLAIN_HTTP: WaitsFor.ADDRESS,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server stands: failures in a row, refused log-ins of a day, what a person has to see to."""

    failures: int = 0
    refusals: int = 0
    refused_on: date | None = None
    waits_for: WaitsFor | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failure comes to; ``pause`` is until another try, ``None`` where the schedule goes on or nobody tries."""

    standing: Standing
    outcome: Outcome
    pause: timedelta | None
    # Whether people are to be told now, which they are once a spell.
    is_news: bool


def after_failure(standing: Standing, outcome: Outcome, now: datetime, draw: float) -> Verdict:
    """The verdict on one more failure; ``draw`` from 0 to 1 spreads the tries of many servers."""
    if outcome is Outcome.NOT_ACCEPTED_NOW:
        return _after_refusal(standing, now)
    failed = replace(standing, failures=standing.failures + 1)
    if outcome in WAITS_FOR:
        is_news = standing.waits_for is not WAITS_FOR[outcome]
        return Verdict(replace(failed, waits_for=WAITS_FOR[outcome]), outcome, None, is_news)
    pause = None
    if failed.failures <= len(PAUSES):
        factor = 1 - SPREAD + 2 * SPREAD * draw
        pause = timedelta(minutes=PAUSES[failed.failures - 1] * factor)
    return Verdict(failed, outcome, pause, failed.failures == TOLD_AT)


def _after_refusal(standing: Standing, now: datetime) -> Verdict:
    """A password that worked before: two more tries, then it is refused."""
    before = standing.refusals if standing.refused_on == now.date() else 0
    refusals = before + 1
    failed = replace(standing, failures=standing.failures + 1, refusals=refusals, refused_on=now.date())
    if refusals < MOST_REFUSALS:
        pause = timedelta(minutes=REFUSAL_PAUSES[refusals - 1])
        return Verdict(failed, Outcome.NOT_ACCEPTED_NOW, pause, failed.failures == TOLD_AT)
    if failed.failures < MOST_REFUSALS:
        # It worked in between: tomorrow is soon enough.
        return Verdict(failed, Outcome.NOT_ACCEPTED_NOW, None, False)
    return Verdict(replace(failed, waits_for=WaitsFor.PASSWORD), Outcome.REFUSED, None, True)
