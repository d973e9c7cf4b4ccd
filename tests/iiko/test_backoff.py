"""What follows a failed run."""

from datetime import datetime, timedelta

import pytest

from portal.iiko.client.answers import Outcome
from portal.iiko.models import WaitsFor
from portal.iiko.sync.backoff import Standing, after_failure

NOW = datetime.fromisoformat("2026-11-01 12:00")


def failing(outcome, times, standing=None, now=NOW, draw=0.5):
    verdicts = []
    for _ in range(times):
        verdicts.append(after_failure(standing or Standing(), outcome, now, draw))
        standing = verdicts[-1].standing
    return verdicts


def test_tries_come_ever_later_and_then_the_schedule_goes_on():
    pauses = [verdict.pause for verdict in failing(Outcome.UNAVAILABLE, 5)]
    assert pauses == [timedelta(minutes=minutes) for minutes in (5, 15, 60, 240)] + [None]


@pytest.mark.parametrize(("draw", "minutes"), [(0.0, 4), (1.0, 6)])
def test_tries_of_many_servers_are_spread_by_a_fifth(draw, minutes):
    assert failing(Outcome.NO_SEAT, 1, draw=draw)[0].pause == timedelta(minutes=minutes)


def test_people_are_told_at_the_third_failure_and_once():
    assert [verdict.is_news for verdict in failing(Outcome.UNAVAILABLE, 6)] == [False, False, True, False, False, False]


def test_a_password_that_worked_before_is_tried_after_two_and_ten_minutes_and_then_refused():
    first, second, third = failing(Outcome.NOT_ACCEPTED_NOW, 3)
    assert (first.pause, second.pause) == (timedelta(minutes=2), timedelta(minutes=10))
    assert (first.outcome, third.outcome) == (Outcome.NOT_ACCEPTED_NOW, Outcome.REFUSED)
    assert (third.pause, third.standing.waits_for, third.is_news) == (None, WaitsFor.PASSWORD, True)


def test_a_log_in_is_never_tried_more_than_three_times_a_day_whatever_lies_between():
    refused = failing(Outcome.NOT_ACCEPTED_NOW, 2)[-1].standing
    healed = Standing(0, refused.refusals, refused.refused_on)
    third = after_failure(healed, Outcome.NOT_ACCEPTED_NOW, NOW, 0.5)
    assert (third.pause, third.standing.waits_for, third.outcome) == (None, None, Outcome.NOT_ACCEPTED_NOW)
    next_day = after_failure(third.standing, Outcome.NOT_ACCEPTED_NOW, NOW + timedelta(days=1), 0.5)
    assert next_day.pause == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("outcome", "waits_for"),
    [
        (Outcome.REFUSED, WaitsFor.PASSWORD),
        (Outcome.BLOCKED_MODULE, WaitsFor.LICENCE),
        (Outcome.CERTIFICATE_CHANGED, WaitsFor.CERTIFICATE),
        (Outcome.MOVED, WaitsFor.ADDRESS),
    ],
)
def test_what_a_person_has_to_see_to_is_not_tried_again(outcome, waits_for):
    first, second = failing(outcome, 2)
    assert (first.pause, first.standing.waits_for, first.is_news) == (None, waits_for, True)
    assert second.is_news is False


@pytest.mark.parametrize("outcome", Outcome)
def test_whatever_needs_a_person_waits_for_something_that_is_named(outcome):
    verdict = after_failure(Standing(), outcome, NOW, 0.5)
    assert (verdict.standing.waits_for is not None) == outcome.needs_person
