import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from portal.web import times
from portal.web.times import (
    TimeTags,
    as_utc,
    day_in_words,
    in_zone,
    is_offered_zone,
    is_zone,
    parse_day,
    typed_day,
    zone,
    zone_in_words,
    zone_options,
)

NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)
MOSCOW = "Europe/Moscow"


def stored(*parts):
    """A time as the database holds it: UTC, without saying so."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def shown(tag):
    return re.fullmatch(r'<time datetime="([^"]*)" title="([^"]*)">([^<]*)</time>', tag).groups()


def time_tag(moment, where, locale="en", *, now=None):
    return TimeTags(where, locale, now=now)(moment)


def test_a_naive_time_is_utc_and_an_aware_one_is_converted():
    assert as_utc(stored(2025, 1, 1, 12)) == datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert as_utc(datetime(2025, 1, 1, 12, tzinfo=timezone(timedelta(hours=3)))).hour == 9
    assert as_utc(stored(2025, 1, 1, 12)).tzinfo is UTC


def test_a_stored_time_moves_to_the_clocks_of_a_zone():
    assert in_zone(stored(2025, 7, 1, 12), "Europe/Berlin").isoformat() == "2025-07-01T14:00:00+02:00"
    assert in_zone(stored(2025, 1, 1, 12), "Europe/Berlin").isoformat() == "2025-01-01T13:00:00+01:00"


@pytest.mark.parametrize(
    "unknown", [None, "", "Nonsense", "../../etc/passwd", "Europe", "europe/moscow", "A\0B", "\ud800"]
)
def test_an_unknown_zone_counts_as_utc(unknown):
    assert not is_zone(unknown)
    assert zone(unknown) is UTC
    assert in_zone(stored(2025, 1, 1, 12), unknown).isoformat() == "2025-01-01T12:00:00+00:00"


@pytest.mark.parametrize("end", [stored(1, 1, 1), stored(9999, 12, 31, 23, 59)])
@pytest.mark.parametrize("where", ["Asia/Tokyo", "America/New_York", "UTC"])
def test_the_ends_of_the_calendar_do_not_overflow(end, where):
    assert "<time" in time_tag(end, where, "en", now=NOW)


def test_today_shows_the_time_alone():
    moment, title, text = shown(time_tag(stored(2025, 11, 3, 11, 5, 9), MOSCOW, "en", now=NOW))
    assert text == "14:05"
    assert moment == "2025-11-03T11:05:09Z"
    assert title == "Monday, 3 November 2025, 14:05:09, Europe/Moscow"


def test_this_year_shows_day_and_time_and_other_years_the_date():
    assert shown(time_tag(stored(2025, 3, 8, 6), MOSCOW, "en", now=NOW))[2] == "8 Mar, 09:00"
    assert shown(time_tag(stored(2024, 3, 8, 6), MOSCOW, "en", now=NOW))[2] == "8 Mar 2024"


def test_today_is_the_readers_day_and_not_that_of_utc():
    late = stored(2025, 11, 3, 22, 30)
    assert shown(time_tag(late, "Asia/Tokyo", "en", now=NOW))[2] == "07:30"
    assert shown(time_tag(late, MOSCOW, "en", now=NOW))[2] == "4 Nov, 01:30"


def test_the_year_is_that_of_the_readers_zone():
    new_year = stored(2025, 12, 31, 22, 0)
    assert shown(time_tag(new_year, MOSCOW, "en", now=NOW))[2] == "1 Jan 2026"
    assert shown(time_tag(new_year, "UTC", "en", now=NOW))[2] == "31 Dec, 22:00"


def test_russian_words_are_used_for_a_russian_reader():
    _, title, text = shown(time_tag(stored(2025, 3, 8, 6), MOSCOW, "ru", now=NOW))
    assert text == "8 мар., 09:00"
    assert title.startswith("суббота, 8 марта 2025")


@pytest.mark.parametrize("locale", ["xx", "", "not a locale", "en_GB", "ru_RU"])
def test_any_locale_gives_a_time(locale):
    assert "<time" in time_tag(stored(2025, 3, 8), MOSCOW, locale, now=NOW)


def test_without_now_the_clock_decides():
    assert re.fullmatch(r"\d\d:\d\d", shown(time_tag(datetime.now(UTC), MOSCOW))[2])


def test_no_time_is_a_dash():
    assert time_tag(None, MOSCOW, "en") == "—"


def test_the_choices_are_the_zones_people_live_in():
    names = re.findall('value="([^"]+)"', zone_options())
    assert {"UTC", MOSCOW, "Asia/Yekaterinburg", "Europe/Kyiv", "America/Argentina/Buenos_Aires"} <= set(names)
    assert not {"Europe/Kiev", "Asia/Calcutta", "US/Pacific", "GB", "EST", "Etc/GMT+5", "Factory"} & set(names)
    assert 350 < len(names) < 500
    assert all(is_zone(name) and ZoneInfo(name) for name in names)


def test_a_former_name_is_still_a_zone():
    assert is_zone("Europe/Kiev")
    assert is_zone("Asia/Calcutta")


@pytest.mark.parametrize("odd", ["posix/Europe/Moscow", "right/UTC", "Factory", "localtime", "+03:00", 5, None, []])
def test_oddities_are_no_zones(odd):
    assert not is_zone(odd)


def test_what_browsers_call_a_fixed_offset_is_a_zone_and_is_called_by_its_offset():
    assert in_zone(stored(2025, 1, 1, 12), "Etc/GMT-3").isoformat() == "2025-01-01T15:00:00+03:00"
    assert shown(time_tag(stored(2025, 1, 1, 12), "Etc/GMT-3"))[1].endswith("15:00:00, UTC+3")
    assert zone_in_words("Etc/GMT-3") == "UTC+3"
    assert zone_in_words("Etc/UTC") == zone_in_words("UTC") == "UTC"
    assert zone_in_words("Europe/Moscow") == "Europe/Moscow (UTC+3)"


@pytest.mark.parametrize("text", ["2026-11-03", "3.11.2026", "03.11.2026", "03/11/2026", "3/11/2026"])
def test_a_day_is_read_as_addresses_and_people_write_it(text):
    day = parse_day(text)
    assert day.isoformat() == "2026-11-03"
    assert typed_day(day, "ru") == "03.11.2026"
    assert typed_day(day, "en") == "03/11/2026"
    assert day_in_words(day, "en") == "3 November 2026"
    assert day_in_words(day, "ru") == "3 ноября 2026\u202fг."


@pytest.mark.parametrize("text", ["", "11/30/2026", "2026-1-3", "20261103", "3.11.26", "32.1.2026", "x", "2026-W45-2"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError, match=r"day|month|format|date"):
        parse_day(text)


def test_labels_show_the_offset_of_the_season():
    winter = dict(times._zone_choices(int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) // 3600))
    summer = dict(times._zone_choices(int(datetime(2025, 7, 1, tzinfo=UTC).timestamp()) // 3600))
    assert winter[MOSCOW] == summer[MOSCOW] == "Europe/Moscow (UTC+3)"
    assert (winter["Europe/Berlin"], summer["Europe/Berlin"]) == (
        "Europe/Berlin (UTC+1)",
        "Europe/Berlin (UTC+2)",
    )
    assert winter["America/St_Johns"] == "America/St Johns (UTC−3:30)"
    assert winter["Asia/Kathmandu"] == "Asia/Kathmandu (UTC+5:45)"
    assert winter["UTC"] == "UTC (UTC+0)"


def test_only_the_zones_of_the_list_are_on_offer():
    assert is_offered_zone(MOSCOW)
    assert not is_offered_zone("Europe/Kiev")
    assert not is_offered_zone("")
