"""People from a file: a verdict for each row, hiring, sources, a second import, undoing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.importing.conftest import importing  # noqa: F401
from tests.importing.spreadsheets import csv_file, xlsx_file

HEADINGS = ("Имя", "Телефон", "E-mail", "Должность", "Ресторан", "Дата выхода", "Дата рождения")
SOON = (datetime.now(UTC) + timedelta(days=5)).date()
SOON_TYPED = f"{SOON:%d.%m.%Y}"


@pytest.fixture
def send(importing, world):  # noqa: F811
    """Upload people as a person of the chain."""

    def upload(rows, person=None, **how):
        staff = importing(person or world.pelmenya.manager, "staff")
        staff.url = staff.browser.account("staff/imports")
        answer = staff.send(csv_file([HEADINGS, *rows], **how), "staff.csv")
        assert answer.status_code == 303
        return staff

    return upload


def anna(chain, **changes):
    row = {
        "name": "Анна Смирнова", "phone": "8 900 123-45-67", "email": "anna@example.ru",
        "position": f"{chain.marker} cook", "restaurant": f"{chain.marker} on Main street", "starts": SOON_TYPED,
        "birthday": "25.04.1998",
    } | changes  # fmt: skip
    return tuple(row.values())


def stored(sql, phone="+79001234567"):
    return sql("SELECT * FROM getinn_ops.staff_member WHERE phone = %s", [phone])


def test_a_new_person_is_added_hired_and_told_from_the_file(send, world, superuser_sql):
    staff = send([anna(world.pelmenya)], encoding="cp1251", separator=";")
    assert staff.results() == {"Анна Смирнова": "New"}
    assert stored(superuser_sql) == []
    assert staff.apply().status_code == 303
    (row,) = stored(superuser_sql)
    assert (row.name, row.birthday, row.status) == ("Анна Смирнова", date(1998, 4, 25), "active")
    assert (row.restaurant_id, row.position_id) == (
        world.pelmenya.restaurant_id,
        world.pelmenya.id_of("staff_position"),
    )
    assert (row.starts_on, row.onboarding_status) == (SOON, "in_progress")
    told = superuser_sql("SELECT field, source FROM getinn_ops.staff_field WHERE staff_member_id = %s", [row.id])
    values = {"name", "phone", "email", "birthday", "position", "restaurant", "first_shift_at"}
    assert {each.field for each in told if each.source == "import"} == values


def test_a_second_import_changes_nothing(send, world, superuser_sql):
    rows = [anna(world.pelmenya)]
    send(rows).apply()
    before = superuser_sql("SELECT * FROM getinn_ops.staff_member ORDER BY id")
    again = send(rows)
    assert again.results() == {"Анна Смирнова (by phone)": "Unchanged"}
    assert again.apply().status_code == 409
    assert superuser_sql("SELECT * FROM getinn_ops.staff_member ORDER BY id") == before
    assert len(superuser_sql("SELECT id FROM getinn_ops.staff_onboarding WHERE name = 'Анна Смирнова'")) == 1


def test_rows_that_hire_nobody_cost_no_statements_of_their_own(send, world, statements):
    costs = []
    for count in (1, 3):
        phones = [f"8 900 {count:03d}-45-{number:02d}" for number in range(count)]
        staff = send([anna(world.pelmenya, phone=phone, starts="") for phone in phones])
        with statements() as counted:
            assert staff.apply().status_code == 303
        costs.append(counted.total)
    assert costs[0] == costs[1]


def test_a_row_that_matches_by_phone_changes_what_differs(send, world, superuser_sql):
    send([anna(world.pelmenya)]).apply()
    river = f"{world.pelmenya.marker} on River street"
    later = f"{SOON + timedelta(days=2):%Y-%m-%d}"
    staff = send([anna(world.pelmenya, name="Анна Петрова", email="new@example.ru", restaurant=river, starts=later)])
    assert staff.results() == {"Анна Смирнова (by phone)": "Changes"}
    told = staff.details()["Анна Смирнова (by phone)"]
    assert "anna@example.ru → new@example.ru" in told
    assert "on Main street → zqpelmenya on River street" in told
    staff.apply()
    (row,) = stored(superuser_sql)
    assert (row.name, row.email, row.restaurant_id) == (
        "Анна Петрова", "new@example.ru", world.pelmenya.assigned_restaurant_id,
    )  # fmt: skip
    assert row.starts_on == SOON + timedelta(days=2)


def test_what_a_hand_has_set_stays(send, world, browse, superuser_sql):
    send([anna(world.pelmenya)]).apply()
    (row,) = stored(superuser_sql)
    browser = browse(world.pelmenya.manager)
    typed = {
        "name": row.name, "phone": row.phone, "email": "hand@example.ru", "birthday": "25.04.1998",
        "restaurant_id": str(row.restaurant_id), "position_id": str(row.position_id),
    }  # fmt: skip
    assert browser.post(browser.account(f"staff/{row.id}/edit"), typed).status_code == 303
    staff = send([anna(world.pelmenya)])
    assert staff.results() == {"Анна Смирнова (by phone)": "Unchanged"}
    assert "Stays as it was set by hand" in staff.details()["Анна Смирнова (by phone)"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"phone": ""}, "Phone: Fill this in"),
        ({"phone": "+79001110001"}, "belongs to zqpelmenya employee 1"),
        ({"name": "🙂"}, "in letters"),
        ({"starts": "10.08.1926"}, "more than a year away"),
        ({"starts": "10.08.2126"}, "more than a year away"),
        ({"birthday": "31.02.1998"}, "Write a day"),
        ({"birthday": f"{SOON:%d.%m.%Y}"}, "still to come"),
        ({"position": "Пилот"}, "is not among yours"),
        ({"restaurant": "Луна"}, "is not among yours"),
    ],
)
def test_what_cannot_be_taken_says_why(send, world, superuser_sql, changes, told):
    staff = send([anna(world.pelmenya, **changes)])
    assert set(staff.results().values()) == {"Error"}
    assert told in staff.page().replace("</strong>", "")
    staff.apply(leave_out="y")
    assert stored(superuser_sql) == []


@pytest.mark.parametrize("cell", ["25041998", "19980425", "35910", "1998-04-25 00:00:00", "25/04/1998"])
def test_days_are_read_as_spreadsheets_write_them(send, world, superuser_sql, cell):
    send([anna(world.pelmenya, birthday=cell)]).apply()
    assert [row.birthday for row in stored(superuser_sql)] == [date(1998, 4, 25)]


def test_a_workbook_with_dates_and_formulas(importing, world, superuser_sql):  # noqa: F811
    staff = importing(world.pelmenya.owner, "staff")
    staff.url = staff.browser.account("staff/imports")
    row = ("Анна Смирнова", "+7 900 123-45-67", "", "", "", SOON, date(1998, 4, 25))
    cell = ("Олег =1+1", "+7 900 123-45-68", "", "", "", "", "")
    staff.send(xlsx_file([HEADINGS, row, cell]), "staff.xlsx")
    staff.apply()
    (row,) = stored(superuser_sql)
    assert (row.birthday, row.starts_on, row.restaurant_id) == (date(1998, 4, 25), SOON, None)
    assert [each.name for each in stored(superuser_sql, "+79001234568")] == ["Олег =1+1"]


def test_of_two_rows_with_one_number_none_is_taken(send, world):
    staff = send([anna(world.pelmenya), anna(world.pelmenya, name="Анна", phone="+7 (900) 123 45 67")])
    assert set(staff.results().values()) == {"Twice in the file"}


def test_undoing_removes_whom_the_file_brought_and_gives_the_others_back(send, world, superuser_sql):
    send([anna(world.pelmenya)]).apply()
    boris = anna(world.pelmenya, name="Борис", phone="+7 900 123-45-69", email="")
    staff = send([anna(world.pelmenya, email="new@example.ru"), boris])
    staff.apply()
    assert staff.undo().status_code == 303
    assert stored(superuser_sql, "+79001234569") == []
    (row,) = stored(superuser_sql)
    assert row.email == "anna@example.ru"
    told = superuser_sql(
        "SELECT value, is_current FROM getinn_ops.staff_field WHERE staff_member_id = %s AND field = 'email'", [row.id]
    )
    assert [tuple(each) for each in told] == [("anna@example.ru", True)]


def test_undoing_keeps_whom_somebody_has_touched(send, world, superuser_sql):
    staff = send([anna(world.pelmenya)])
    staff.apply()
    superuser_sql(
        "UPDATE getinn_ops.onboarding_step SET status = 'completed', completion_date = current_date WHERE ordinal = 1"
    )
    staff.undo()
    assert len(stored(superuser_sql)) == 1


def test_a_manager_of_some_restaurants_adds_to_those_alone(send, world, superuser_sql):
    chain = world.pelmenya
    limited = chain.assigned_manager
    river = f"{chain.marker} on River street"
    staff = send([anna(chain, restaurant=""), anna(chain, phone="+79001110001", restaurant=river, name="zq")], limited)
    assert set(staff.results().values()) == {"Error"}
    page = staff.page().replace("</strong>", "")
    assert "Restaurant: Choose the restaurant" in page
    assert "somebody in another restaurant" in page
    assert "employee 1" not in page
    assert set(send([anna(chain)], limited).results().values()) == {"Error"}
    mine = send([anna(chain, restaurant=river)], limited)
    assert set(mine.results().values()) == {"New"}
    assert mine.apply().status_code == 303
    assert [row.restaurant_id for row in stored(superuser_sql)] == [chain.assigned_restaurant_id]


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_others_import_nobody(browse, world, role):
    browser = browse(getattr(world.pelmenya, role))
    assert browser.get(browser.account("staff/imports")).status_code == 403
