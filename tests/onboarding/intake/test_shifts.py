"""First shifts as people answer them, with the contract's dates."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.onboarding.intake.shifts import DateDoubt, read_shift

MOSCOW, VLADIVOSTOK = "Europe/Moscow", "Asia/Vladivostok"


def on(day, zone=MOSCOW):
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "answer", "shift", "doubt", "zone"),
    [
        pytest.param("2026-08-03", "10.08 10:00", "2026-08-10T07:00", None, MOSCOW, id="D1"),
        pytest.param("2026-12-28", "10.01 10:00", "2027-01-10T07:00", None, MOSCOW, id="D2"),
        pytest.param("2026-08-12", "10.08 10:00", "2026-08-10T07:00", DateDoubt.PAST, MOSCOW, id="D3"),
        pytest.param("2026-02-20", "29.02 10:00", None, DateDoubt.IMPOSSIBLE, MOSCOW, id="D4"),
        pytest.param("2026-08-03", "31.02 10:00", None, DateDoubt.IMPOSSIBLE, MOSCOW, id="D5 day"),
        pytest.param("2026-08-03", "10.08 25:00", None, DateDoubt.IMPOSSIBLE, MOSCOW, id="D5 hour"),
        pytest.param("2026-08-03", "10.08 10:00 или позже", "2026-08-10T07:00", None, MOSCOW, id="D6"),
        pytest.param("2026-08-03", "10.08 10:00", "2026-08-10T00:00", None, VLADIVOSTOK, id="D7"),
        pytest.param("2026-08-20", "10.12 10:00", "2026-12-10T07:00", DateDoubt.FAR, MOSCOW, id="D8"),
        # The scenario's own dates are stored as ISO, with the hour where the form asks for one.
        pytest.param("2026-08-03", "2026-08-10T10:00", "2026-08-10T07:00", None, MOSCOW, id="ISO"),
        pytest.param("2026-08-03", "2026-08-10", "2026-08-09T21:00", None, MOSCOW, id="a day alone"),
        pytest.param("2026-08-03", "10.08.2026 9:30", "2026-08-10T06:30", None, MOSCOW, id="with its year"),
        pytest.param("2026-08-03", "10.08.1926 9:30", None, DateDoubt.IMPOSSIBLE, MOSCOW, id="a century ago"),
        pytest.param("2026-08-03", "завтра", None, DateDoubt.UNREADABLE, MOSCOW, id="a word"),
        pytest.param("2026-08-03", "03.08 08:00", "2026-08-03T05:00", None, MOSCOW, id="this very day"),
        pytest.param("2028-02-20", "29.02 10:00", "2028-02-29T07:00", None, MOSCOW, id="a leap year"),
        pytest.param("2026-08-03", "02.10 10:00", "2026-10-02T07:00", None, MOSCOW, id="60 days"),
        pytest.param("2026-08-03", "03.10 10:00", "2026-10-03T07:00", DateDoubt.FAR, MOSCOW, id="61 days"),
    ],
)
def test_a_first_shift_is_read_as_it_is_meant(day, answer, shift, doubt, zone):
    found = read_shift(answer, on(day, zone), zone)
    assert found.at == (shift and utc(shift))
    assert found.doubt == doubt


def test_the_day_of_the_answer_is_that_of_the_restaurant():
    """22:00 in London is another day in Vladivostok."""
    late = datetime(2026, 8, 9, 22, tzinfo=UTC)
    assert read_shift("10.08 10:00", late, VLADIVOSTOK).doubt is None
    assert read_shift("09.08 10:00", late, VLADIVOSTOK).doubt is DateDoubt.PAST
    assert read_shift("09.08 10:00", late, "Europe/London").doubt is None
