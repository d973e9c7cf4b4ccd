"""First days in a file: who is hired by them, what a hand has set, and what undoing gives back."""

from datetime import date, datetime, time, timedelta

import pytest

from tests.importing.conftest import importing  # noqa: F401
from tests.staff.test_staff_import import SOON, anna, send, stored  # noqa: F401

LEFT_ON = date(2026, 10, 1)
LATER = SOON + timedelta(days=2)


def typed(day):
    return f"{day:%d.%m.%Y}"


def spells(sql):
    found = sql("SELECT * FROM getinn_ops.staff_onboarding WHERE name = 'Анна Смирнова' ORDER BY spell")
    return [(each.spell, each.status, each.start_date) for each in found]


@pytest.fixture
def anna_left(send, world, superuser_sql):  # noqa: F811
    """Somebody whom a file hired, and who left since."""
    send([anna(world.pelmenya)]).apply()
    superuser_sql(
        "UPDATE getinn_ops.staff_onboarding SET status = 'terminated', ended_on = %s WHERE name = 'Анна Смирнова'",
        [LEFT_ON],
    )
    superuser_sql(
        "UPDATE getinn_ops.staff_member SET status = 'left', left_on = %s WHERE name = 'Анна Смирнова'", [LEFT_ON]
    )
    return stored(superuser_sql)[0]


def test_a_leaver_of_a_file_is_hired_again_and_undoing_lets_them_have_left(send, world, anna_left, superuser_sql):  # noqa: F811
    staff = send([anna(world.pelmenya, starts=typed(LATER))])
    staff.apply()
    (row,) = stored(superuser_sql)
    assert (row.status, row.left_on, row.starts_on) == ("active", None, LATER)
    assert spells(superuser_sql) == [(1, "terminated", SOON), (2, "in_progress", LATER)]
    assert staff.undo().status_code == 303
    (row,) = stored(superuser_sql)
    assert (row.status, row.left_on, row.starts_on) == ("left", LEFT_ON, SOON)
    assert spells(superuser_sql) == [(1, "terminated", SOON)]
    lines = superuser_sql("SELECT after FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at, id", [row.id])
    assert lines[-1].after == {"status": "left", "left_on": str(LEFT_ON)}
    (shift,) = told_shifts(superuser_sql, row.id)
    assert shift[1:] == ("import", True)


def told_shifts(sql, member_id):
    found = sql(
        "SELECT value, source, is_current FROM getinn_ops.staff_field"
        " WHERE staff_member_id = %s AND field = 'first_shift_at' ORDER BY created_at",
        [member_id],
    )
    return [tuple(each) for each in found]


def test_a_candidate_who_was_dismissed_is_dismissed_again_by_undoing(send, world, anna_left, superuser_sql):  # noqa: F811
    superuser_sql("DELETE FROM getinn_ops.staff_onboarding WHERE name = 'Анна Смирнова'")
    staff = send([anna(world.pelmenya)])
    staff.apply()
    assert [row.status for row in stored(superuser_sql)] == ["active"]
    staff.undo()
    assert [(row.status, row.left_on) for row in stored(superuser_sql)] == [("left", LEFT_ON)]
    assert spells(superuser_sql) == []


def test_undoing_a_shift_that_a_file_told_first_keeps_the_checklist(send, world, superuser_sql):  # noqa: F811
    send([anna(world.pelmenya)]).apply()
    superuser_sql("UPDATE getinn_ops.staff_onboarding SET first_shift_at = NULL, start_date = NULL")
    staff = send([anna(world.pelmenya, starts=typed(LATER))])
    staff.apply()
    assert spells(superuser_sql) == [(1, "in_progress", LATER)]
    staff.undo()
    assert spells(superuser_sql) == [(1, "in_progress", None)]
    assert [row.status for row in stored(superuser_sql)] == ["active"]


def test_whose_checklist_is_done_is_not_hired_once_more(send, world, superuser_sql):  # noqa: F811
    send([anna(world.pelmenya)]).apply()
    superuser_sql("UPDATE getinn_ops.staff_onboarding SET status = 'completed' WHERE name = 'Анна Смирнова'")
    staff = send([anna(world.pelmenya, starts=typed(LATER))])
    assert staff.results() == {"Анна Смирнова (by phone)": "Error"}
    assert "the checklist is done" in staff.details()["Анна Смирнова (by phone)"]
    staff.apply(leave_out="y")
    assert spells(superuser_sql) == [(1, "completed", SOON)]


@pytest.mark.parametrize("touch", ["contact", "paper"])
def test_undoing_keeps_whom_somebody_has_told_more_of(send, world, browse, superuser_sql, touch):  # noqa: F811
    staff = send([anna(world.pelmenya)])
    staff.apply()
    (row,) = stored(superuser_sql)
    browser = browse(world.pelmenya.manager)
    if touch == "contact":
        told = {
            "name": row.name, "phone": row.phone, "email": row.email, "birthday": "25.04.1998",
            "restaurant_id": str(row.restaurant_id), "position_id": str(row.position_id), "emergency_contact": "Мама",
        }  # fmt: skip
        assert browser.post(browser.account(f"staff/{row.id}/edit"), told).status_code == 303
    else:
        told = {"kind_id": str(world.pelmenya.id_of("document_type", 2)), "expires_on": "01.03.2040"}
        assert browser.post(browser.account(f"staff/{row.id}/papers/new"), told).status_code == 303
        superuser_sql("UPDATE getinn_ops.staff_member SET papers_until = NULL WHERE id = %s", [row.id])
    staff.undo()
    assert len(stored(superuser_sql)) == 1


def test_a_first_shift_that_a_hand_has_set_is_not_moved_by_a_file(send, world, browse, superuser_sql):  # noqa: F811
    browser = browse(world.pelmenya.manager)
    by_hand = {
        "name": "Анна Смирнова", "phone": "8 900 123-45-67", "restaurant_id": str(world.pelmenya.restaurant_id),
        "starts_on": typed(SOON),
    }  # fmt: skip
    assert browser.post(browser.account("staff/new"), by_hand).status_code == 303
    (row,) = stored(superuser_sql)
    assert [each[1:] for each in told_shifts(superuser_sql, row.id)] == [("hand", True)]
    staff = send([anna(world.pelmenya, starts=typed(LATER))])
    assert staff.results() == {"Анна Смирнова (by phone)": "Changes"}
    told = staff.details()["Анна Смирнова (by phone)"]
    assert "Stays as it was set by hand" in told
    assert "anna@example.ru" in told
    staff.apply()
    (row,) = stored(superuser_sql)
    assert (row.starts_on, row.email) == (SOON, "anna@example.ru")


def test_a_file_that_moves_somebody_to_another_zone_keeps_the_hour(send, world, superuser_sql):  # noqa: F811
    river = world.pelmenya.assigned_restaurant_id
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'Europe/Moscow'")
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'Asia/Vladivostok' WHERE id = %s", [river])
    send([anna(world.pelmenya)]).apply()
    there = f"{world.pelmenya.marker} on River street"
    send([anna(world.pelmenya, restaurant=there, starts=typed(LATER))]).apply()
    (row,) = superuser_sql("SELECT * FROM getinn_ops.staff_onboarding WHERE name = 'Анна Смирнова'")
    # Ten o'clock in Vladivostok.
    assert row.first_shift_at.replace(tzinfo=None) == datetime.combine(LATER, time(0))


def test_a_value_that_is_known_and_that_the_row_has_lost_is_set(send, world, superuser_sql):  # noqa: F811
    send([anna(world.pelmenya)]).apply()
    superuser_sql("UPDATE getinn_ops.staff_member SET email = NULL WHERE name = 'Анна Смирнова'")
    send([anna(world.pelmenya)]).apply()
    assert [row.email for row in stored(superuser_sql)] == ["anna@example.ru"]


def test_a_day_of_april_is_no_year(send, world, superuser_sql):  # noqa: F811
    assert send([anna(world.pelmenya, birthday="20041998")]).apply().status_code == 303
    assert [row.birthday for row in stored(superuser_sql)] == [date(1998, 4, 20)]
