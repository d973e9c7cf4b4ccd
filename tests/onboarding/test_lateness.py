from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import DateTime, literal, select

from portal.db.base import SCHEMA, db
from portal.onboarding.days import local_today, zone_of
from portal.onboarding.engagements import hire
from portal.onboarding.lateness import late_condition
from portal.onboarding.messages.telling import zone_of_person
from portal.onboarding.models import steps_of
from portal.staff.models import StaffMember
from portal.staff.papers.conditions import local_day
from portal.staff.papers.models import DocumentType, StaffDocument
from portal.staff.papers.reminding import claim_reminders
from portal.staff.papers.validity import today_of

# The first and the last place where a day begins: never the same day in both.
EARLIEST, LATEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"


def late_names(*now):
    query = select(StaffMember.name).where(late_condition(StaffMember, *now), StaffMember.name.startswith("late"))
    return set(db.session.scalars(query))


def hired(person, due, name="late", **columns):
    engagement = hire(person(name=name, **columns))
    step = steps_of(engagement)[0]
    step.set_due(due)
    return engagement


def days_ago(days):
    return datetime.now(UTC).date() - timedelta(days=days)


def test_a_day_is_over_first_where_days_begin_first(chain, person, superuser_sql):
    zones = {chain.restaurant_id: EARLIEST, chain.assigned_restaurant_id: LATEST}
    for restaurant_id, zone in zones.items():
        superuser_sql(f"UPDATE {SCHEMA}.restaurant SET timezone = %s WHERE id = %s", [zone, restaurant_id])
    now = datetime.now(UTC)
    for hours, due in ((-11, now - timedelta(hours=11)), (14, now + timedelta(hours=14))):
        # Due on the day that it is in that zone: over only where a later day is.
        for restaurant_id, zone in zones.items():
            hired(person, due.date(), f"late {zone} {hours}", restaurant_id=restaurant_id)
    assert late_names() == {f"late {EARLIEST} -11"}


@pytest.mark.parametrize(
    ("zone", "on_time"),
    [("Asia/Yekaterinburg", datetime(2026, 8, 8, 18, 59, 59)), ("Europe/Moscow", datetime(2026, 8, 8, 20, 59, 59))],  # noqa: DTZ001
)
def test_lists_tell_it_to_the_second(chain, person, superuser_sql, zone, on_time):
    superuser_sql(f"UPDATE {SCHEMA}.restaurant SET timezone = %s", [zone])
    hired(person, date(2026, 8, 8))
    assert late_names(literal(on_time, DateTime)) == set()
    assert late_names(literal(on_time + timedelta(seconds=1), DateTime)) == {"late"}


def test_what_is_long_over_is_late_everywhere(chain, person):
    hired(person, days_ago(3), "late in a place")
    hired(person, days_ago(3), "late nowhere", restaurant_id=None)
    assert late_names() == {"late in a place", "late nowhere"}


def test_whoever_is_of_no_restaurant_goes_by_the_owners_clock(chain, person, superuser_sql):
    due = (datetime.now(UTC) - timedelta(hours=11)).date()
    hired(person, due, restaurant_id=None)
    for zone, late in ((LATEST, set()), (EARLIEST, {"late"})):
        superuser_sql(f"UPDATE {SCHEMA}.user SET timezone = %s WHERE role = 'owner'", [zone])
        assert late_names() == late


def test_an_unknown_zone_is_universal_time(chain, person, superuser_sql):
    superuser_sql(f"UPDATE {SCHEMA}.restaurant SET timezone = 'Mars/Olympus'")
    hired(person, days_ago(1), "late yesterday")
    hired(person, days_ago(0), "late today")
    assert late_names() == {"late yesterday"}


def test_nobody_is_late_in_a_closed_restaurant_or_after_leaving(chain, person, superuser_sql):
    hired(person, days_ago(3), "late there", restaurant_id=chain.archived_restaurant_id)
    hired(person, days_ago(3), "late and gone").terminate(days_ago(0), "left")
    assert late_names() == set()


def test_what_is_done_or_not_needed_is_not_late(chain, person):
    done, spared = (hired(person, days_ago(3), f"late {number}") for number in (1, 2))
    assert late_names() == {"late 1", "late 2"}
    steps_of(done)[0].complete()
    steps_of(spared)[0].mark_not_needed()
    assert late_names() == set()


@pytest.mark.parametrize("zone", ["Asia/Vladivostok", EARLIEST, LATEST])
def test_whoever_is_of_no_restaurant_has_one_day_everywhere(chain, person, superuser_sql, zone):
    """Papers, starts and lateness ask the same clock, in Python and in the database."""
    superuser_sql(f"UPDATE {SCHEMA}.user SET timezone = %s WHERE role = 'owner'", [zone])
    member = person(restaurant_id=None)
    today = datetime.now(ZoneInfo(zone)).date()
    assert {zone_of(None), zone_of_person(member)} == {zone}
    assert {local_today(None), today_of(member)} == {today}
    query = select(local_day()).where(StaffMember.id == member.id)
    assert db.session.scalar(query) == today
    kind = DocumentType(code="book", name="Book", remind_days=[])
    db.session.add(kind)
    db.session.flush()
    told = datetime.now(UTC) - timedelta(days=40)
    db.session.add(
        StaffDocument(
            staff_member_id=member.id, document_type_id=kind.id, state="accepted", expires_on=today, checked_at=told
        )
    )
    db.session.flush()
    assert [each.days_before for each in claim_reminders() if each.staff_member_id == member.id] == [0]
