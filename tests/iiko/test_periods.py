"""Over which days invoices are read."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.db.base import db
from portal.iiko.kinds import KINDS, periods
from portal.iiko.kinds.periods import length_of, over
from portal.iiko.models import IikoRun, Purpose
from portal.iiko.sync.models import IikoLink
from tests.iiko.rows import id_of

TUESDAY, SUNDAY = date(2026, 11, 24), date(2026, 11, 29)


@given(first=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(1, 70), step=st.sampled_from([1, 7]))
def test_each_day_is_asked_for_once_and_no_question_is_of_more_than_its_days(first, days, step):
    asked = over(first, first + timedelta(days=days - 1), step)
    periods_of = [each.days for each in asked]
    told = [start + timedelta(days=at) for start, end in periods_of for at in range((end - start).days + 1)]
    assert told == [first + timedelta(days=at) for at in range(days)]
    assert all((end - start).days < step for start, end in periods_of)
    assert len({each.key for each in asked}) == len(asked)


@pytest.fixture
def known(engine):
    """A server some of whose invoices are here."""
    link = {"connection_id": engine.connection_id, "kind": "incoming_invoices", "iiko_id": "x", "entity_id": id_of("x")}
    db.session.add(IikoLink(**link, day=TUESDAY))
    db.session.flush()
    return engine


@pytest.mark.parametrize(
    ("purpose", "kinds", "today", "days"),
    [
        (Purpose.PREVIEW, list(KINDS), TUESDAY, 14),
        (Purpose.SCHEDULE, list(KINDS), TUESDAY, 14),
        (Purpose.SCHEDULE, list(KINDS), SUNDAY, 60),
        (Purpose.SCHEDULE, ["suppliers", "incoming_invoices"], SUNDAY, 3),
    ],
)
def test_two_weeks_are_read_at_night_two_months_on_sundays_and_three_days_by_day(known, purpose, kinds, today, days):
    run = IikoRun(connection_id=known.connection_id, purpose=purpose, kinds=kinds)
    assert length_of(run, today) == days


def test_the_first_run_reads_two_months(engine):
    run = IikoRun(connection_id=engine.connection_id, purpose=Purpose.PREVIEW, kinds=list(KINDS))
    assert length_of(run, TUESDAY) == 60


@pytest.mark.parametrize(("restaurants", "questions"), [(None, 2), (20, 2), (400, 14)])
def test_a_large_chain_is_asked_day_by_day(known, monkeypatch, restaurants, questions):
    monkeypatch.setattr(periods, "length_of", lambda run, today: 14)
    run = SimpleNamespace(connection_id=known.connection_id)
    db.session.get_one(periods.IikoConnection, known.connection_id).restaurants_seen = restaurants
    dated = [each for each in periods.invoice_requests(run) if each.days]
    assert len(dated) == questions


def test_a_day_ends_on_the_clocks_of_the_chain(known, monkeypatch):
    connection = db.session.get_one(periods.IikoConnection, known.connection_id)
    connection.timezone = "Asia/Kamchatka"
    monkeypatch.setattr(periods, "utc_now", lambda: datetime.fromisoformat("2026-11-24 13:00+00:00"))
    run = IikoRun(connection_id=known.connection_id, purpose=Purpose.PREVIEW, kinds=list(KINDS))
    assert periods.invoice_requests(run)[-1].days[1] == date(2026, 11, 25)
