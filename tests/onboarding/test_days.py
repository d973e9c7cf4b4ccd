from datetime import UTC, date, datetime

import pytest

from portal.onboarding.days import due_day, is_overdue
from portal.onboarding.kinds import Days
from portal.web.times import in_zone


def test_calendar_days_are_counted_from_the_anchor():
    assert due_day(date(2026, 8, 10), -3, Days.CALENDAR) == date(2026, 8, 7)


def test_working_days_leave_the_end_of_the_week_out():
    assert due_day(date(2026, 8, 7), 3, Days.WORKING) == date(2026, 8, 12)


def test_working_days_leave_the_chains_own_days_off_out():
    assert due_day(date(2026, 8, 7), 3, Days.WORKING, {date(2026, 8, 11)}) == date(2026, 8, 13)


def test_working_days_before_the_anchor_are_counted_back():
    assert due_day(date(2026, 8, 10), -1, Days.WORKING) == date(2026, 8, 7)


def test_no_day_after_a_saturday_is_that_saturday():
    assert due_day(date(2026, 8, 8), 0, Days.WORKING) == date(2026, 8, 8)


@pytest.mark.parametrize(
    ("zone", "moment", "late"),
    [
        ("Asia/Yekaterinburg", datetime(2026, 8, 8, 18, 59, 59, tzinfo=UTC), False),
        ("Asia/Yekaterinburg", datetime(2026, 8, 8, 19, tzinfo=UTC), True),
        ("Europe/Moscow", datetime(2026, 8, 8, 20, 59, 59, tzinfo=UTC), False),
        ("Europe/Moscow", datetime(2026, 8, 8, 21, tzinfo=UTC), True),
    ],
)
def test_a_step_is_overdue_from_the_restaurants_next_day_on(zone, moment, late):
    assert is_overdue(date(2026, 8, 8), in_zone(moment, zone).date()) is late


def test_without_a_due_day_nothing_is_overdue():
    assert not is_overdue(None, date(2026, 8, 8))
