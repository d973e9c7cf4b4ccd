"""When a server is read by itself, on the clocks of its chain."""

from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.sync.schedule import DAY_TIMES, Timetable, offset_of

BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")


def at(text):
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def timetable(where=MOSCOW, night_at=time(4), minutes=0, has_day_runs=False):
    return Timetable(where, night_at, timedelta(minutes=minutes), has_day_runs)


def test_a_server_is_read_at_night_on_the_clocks_of_its_chain():
    assert timetable().next(at("2026-11-01 00:59")).at == at("2026-11-01 01:00")
    assert timetable().next(at("2026-11-01 01:00")).at == at("2026-11-02 01:00")


def test_what_changes_by_day_is_read_every_four_hours_between_eight_and_ten_at_night():
    slots = list(islice(timetable(has_day_runs=True).slots(at("2026-11-01 00:00")), 6))
    local = [(slot.at + timedelta(hours=3)).time() for slot in slots]
    assert local == [time(4), *DAY_TIMES, time(4)]
    assert [slot.is_night for slot in slots] == [True, False, False, False, False, True]


def test_a_night_that_the_clocks_leap_over_begins_at_the_next_minute_that_exists():
    assert timetable(BERLIN, time(2, 30)).next(at("2026-03-28 12:00")).at == at("2026-03-29 01:00")


def test_a_night_that_the_clocks_show_twice_comes_once():
    slots = islice(timetable(BERLIN, time(2, 30)).slots(at("2026-10-24 12:00")), 2)
    assert [slot.at for slot in slots] == [at("2026-10-25 00:30"), at("2026-10-26 01:30")]


def test_a_day_that_a_zone_leaps_over_takes_no_night_with_it():
    samoa = timetable(ZoneInfo("Pacific/Apia"), time(4))
    slots = [slot.at for slot in islice(samoa.slots(at("2011-12-28 20:00")), 3)]
    assert slots == sorted(slots)
    assert slots[-1] - slots[0] <= timedelta(days=3)


@given(number=st.integers(0, 2**128 - 1))
def test_each_server_has_a_minute_of_its_own_within_half_an_hour(number):
    offset = offset_of(UUID(int=number))
    assert timedelta(0) <= offset < timedelta(minutes=30)
    assert offset == offset_of(UUID(int=number))


@given(
    after=st.datetimes(at("2020-01-01 00:00").replace(tzinfo=None), timezones=st.just(UTC)),
    zone=st.sampled_from(
        ["Europe/Berlin", "Europe/Moscow", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe"]
    ),
    minutes=st.integers(0, 29),
    night=st.times(),
)
def test_slots_only_go_forward_and_a_day_has_one_night(after, zone, minutes, night):
    table = timetable(ZoneInfo(zone), night.replace(second=0, microsecond=0), minutes, True)
    slots = list(islice(table.slots(after), 15))
    moments = [slot.at for slot in slots]
    assert all(after < moment for moment in moments)
    assert moments == sorted(moments)
    nights = [slot.at for slot in slots if slot.is_night]
    assert all(timedelta(hours=22) <= later - former <= timedelta(hours=26) for former, later in pairwise(nights))


@pytest.mark.parametrize(
    ("due", "now", "all_kinds"),
    [
        (at("2026-11-01 05:00"), at("2026-11-01 05:01"), False),  # eight in Moscow
        (at("2026-11-01 01:00"), at("2026-11-01 01:01"), True),  # four: the night
        (at("2026-11-01 05:00"), at("2026-11-02 03:00"), True),  # an outage over the next night
        (at("2026-11-01 06:13"), at("2026-11-01 06:14"), True),  # another try after a failure
    ],
)
def test_all_is_read_where_a_night_was_due_or_missed(due, now, all_kinds):
    assert timetable(has_day_runs=True).reads_all(due, now) is all_kinds
