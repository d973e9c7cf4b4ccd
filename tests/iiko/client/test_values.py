from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.client import values

MOSCOW, SAMARA, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Samara"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("text", ["0", "-12", "152.000000000", "0.91"])
def test_a_number_is_exact(text):
    assert values.decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["", "NaN", "Infinity", "1,5", "1E+2", "+1", ".5", "1.", "0x1", " 1", "1_0", "١", "1" * 31]
)
def test_anything_else_is_no_number(text):
    with pytest.raises(ValueError, match="not a number"):
        values.decimal(text)


def test_an_id_is_compared_in_small_letters_and_without_braces():
    assert values.guid("{5A0B1C2D-0000-4000-8000-00000000000F}") == "5a0b1c2d-0000-4000-8000-00000000000f"


@pytest.mark.parametrize("text", ["", "{}", values.NOBODY, "{00000000-0000-0000-0000-000000000000}"])
def test_the_id_of_nobody_is_none(text):
    assert values.guid(text) is None


@pytest.mark.parametrize("text", ["1", "5a0b1c2d", "5a0b1c2d-0000-4000-8000-00000000000g", "x" * 36])
def test_what_has_no_shape_of_an_id_is_none_of_them(text):
    with pytest.raises(ValueError, match="not an id"):
        values.guid(text)


@pytest.mark.parametrize("text", ["TRUE", "True", "1", "yes", ""])
def test_only_true_and_false_are_flags(text):
    assert (values.flag("true"), values.flag("false")) == (True, False)
    with pytest.raises(ValueError, match="neither"):
        values.flag(text)


@pytest.mark.parametrize(
    "text",
    [
        "01.11.2026",
        "2026-11-01",
        "2026.11.01",
        "2026-11-01T23:00:00+04:00",
        "2026-11-01T23:00",
        "2026-11-01T00:00:00.000",
    ],
)
def test_each_of_the_six_forms_of_a_date_is_read(text):
    assert values.day(text) == date(2026, 11, 1)


@pytest.mark.parametrize(
    "text", ["", "1.11.2026", "32.11.2026", "2026-02-30", "2026-11-01 10:00", "26-11-01", "2026-11-01T25:00"]
)
def test_what_is_no_date_is_told(text):
    with pytest.raises(ValueError, match=r"not a|day|month|hour"):
        values.day(text)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-11-01T23:00:00+04:00", MOSCOW, datetime(2026, 11, 1, 19, tzinfo=UTC)),
        ("2026-11-01T23:00:00.123+0400", MOSCOW, datetime(2026, 11, 1, 19, 0, 0, 123000, tzinfo=UTC)),
        ("2026-11-01T23:00:00Z", MOSCOW, datetime(2026, 11, 1, 23, tzinfo=UTC)),
        ("2026-11-01T23:00", SAMARA, datetime(2026, 11, 1, 19, tzinfo=UTC)),
        ("01.11.2026", MOSCOW, datetime(2026, 10, 31, 21, tzinfo=UTC)),
        # The hour that does not exist goes forward.
        ("2026-03-29T02:30:00", BERLIN, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # Of the hour that comes twice it is the first.
        ("2026-10-25T02:30:00", BERLIN, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_of_the_zone_that_it_names_or_else_of_the_given_one(text, zone, utc):
    assert values.moment(text, zone) == utc


def test_dates_are_written_as_queries_and_filters_take_them():
    assert values.query_day(date(2026, 11, 1)) == "2026-11-01"
    assert values.olap_moment(date(2026, 11, 1)) == "2026-11-01T00:00:00.000"


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader(text):
    for read in (values.decimal, values.guid, values.day, values.flag, lambda each: values.moment(each, MOSCOW)):
        try:
            read(text)
        except ValueError:
            continue
