"""Employees by hand: who sees and changes them, what is refused, where each value came from."""

import html
import re
from datetime import UTC, datetime, time, timedelta

import pytest

PRIVATE = ["phone", "email", "birthday", "citizenship", "emergency_contact"]
GOOD = {
    "name": "Анна Смирнова",
    "phone": "8 900 123-45-67",
    "email": "anna@example.ru",
    "birthday": "25.04.1998",
    "citizenship": "rf",
    "uniform_size": "44",
    "emergency_contact": "Мама, +7 900 000-00-00",
}


def good(chain, **changes):
    return {**GOOD, "restaurant_id": str(chain.restaurant_id), **changes}


def error_of(page, field):
    found = re.search(rf'<ul class="field__errors" id="{field}-errors">(.*?)</ul>', page, re.DOTALL)
    return found and html.unescape(re.sub(r"\s+", " ", found[1]))


def stored(sql, name=GOOD["name"]):
    return sql("SELECT * FROM getinn_ops.staff_member WHERE name = %s", [name])


def test_what_is_typed_is_kept_with_its_source_and_one_line(world, browse, superuser_sql):
    browser = browse(world.pelmenya.manager)
    answer = browser.post(browser.account("staff/new"), good(world.pelmenya))
    assert answer.status_code == 303
    (row,) = stored(superuser_sql)
    assert (row.phone, row.birthday.isoformat(), row.status) == ("+79001234567", "1998-04-25", "candidate")
    assert row.restaurant_id == world.pelmenya.restaurant_id
    told = superuser_sql("SELECT * FROM getinn_ops.staff_field WHERE staff_member_id = %s", [row.id])
    assert {each.field: each.value for each in told} == {
        "name": "Анна Смирнова", "phone": "+79001234567", "email": "anna@example.ru", "birthday": "1998-04-25",
        "citizenship": "rf", "uniform_size": "44", "emergency_contact": "Мама, +7 900 000-00-00",
        "restaurant": str(world.pelmenya.restaurant_id),
    }  # fmt: skip
    assert {(each.source, each.is_current, each.user_id) for each in told} == {
        ("hand", True, world.pelmenya.manager.id)
    }
    events = superuser_sql("SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s", [row.id])
    assert [each.action for each in events] == ["created"]


def test_an_edit_by_hand_beats_the_chat_and_keeps_what_was_there(world, browse, superuser_sql):
    browser = browse(world.pelmenya.manager)
    member = world.pelmenya.id_of("staff_member")
    here = browser.account(f"staff/{member}")
    values = good(world.pelmenya, citizenship="Беларусь", phone="+79001110001")
    assert browser.post(f"{here}/edit", values).status_code == 303
    told = superuser_sql(
        "SELECT value, source, is_current FROM getinn_ops.staff_field"
        " WHERE staff_member_id = %s AND field = 'citizenship' ORDER BY created_at",
        [member],
    )
    assert [tuple(each) for each in told] == [
        ("zqpelmenya citizen", "chat", False),
        ("Беларусь", "hand", True),
    ]
    events = superuser_sql("SELECT action, after FROM getinn_ops.audit_event WHERE entity_id = %s", [member])
    assert [each.action for each in events] == ["edited"]
    assert events[0].after["citizenship"] == "Беларусь"
    assert "phone" not in events[0].after
    page = browser.get(here).text
    assert "Manager Zqpelmenya" in page
    assert "zqpelmenya citizen" in page


def test_a_value_from_the_chat_opens_that_very_message(world, browse, superuser_sql):
    (message,) = superuser_sql("SELECT seq FROM getinn_ops.bot_message WHERE id = %s", [world.pelmenya.message_id])
    browser = browse(world.pelmenya.manager)
    page = html.unescape(browser.get(browser.account(f"staff/{world.pelmenya.id_of('staff_member')}")).text)
    link = re.search(
        rf'href="([^"]*dialogs/{world.pelmenya.dialog_id}\?before={message.seq + 1}#m-{message.seq})"', page
    )
    assert link
    assert f'id="m-{message.seq}"' in browser.get(link[1].partition("#")[0]).text


def test_a_viewer_finds_no_way_to_the_message_that_told_a_name(world, browse, superuser_sql):
    told = (
        "INSERT INTO getinn_ops.staff_field"
        " (id, account_id, staff_member_id, field, value, source, message_id, is_current)"
        " VALUES (gen_random_uuid(), %s, %s, 'name', 'zqpelmenya employee 1', 'chat', %s, true)"
    )
    superuser_sql(told, [world.pelmenya.account_id, member_of(world), world.pelmenya.message_id])
    for person, is_linked in ((world.pelmenya.manager, True), (world.pelmenya.viewer, False)):
        browser = browse(person)
        page = browser.get(browser.account(f"staff/{member_of(world)}")).text
        facts = re.search(r'<section class="card" id="facts">.*?</section>', page, re.DOTALL)[0]
        assert ("#m-" in facts) is is_linked


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_those_who_may_not_see_personal_data_find_none_of_it(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    pages = [browser.get(browser.account(path)).text for path in ("staff", f"staff/{member_of(world)}")]
    assert all("zqpelmenya employee 1" in page for page in pages)
    for page in pages:
        for secret in ("+7900111", "employee1@", "citizen", "zqpelmenya mother", "1998", "tel:", "mailto:"):
            assert secret not in page, secret
    assert browser.get(browser.account(f"staff/{member_of(world)}/edit")).status_code == 403
    assert browser.post(browser.account("staff/new"), good(world.pelmenya)).status_code == 403


def member_of(world, number=1):
    return world.pelmenya.id_of("staff_member", number)


def test_whoever_may_edit_sees_personal_data():
    from portal.access.permissions import ROLE_GRANTS, Permission

    editing = [grants for grants in ROLE_GRANTS.values() if Permission.STAFF_EDIT in grants]
    assert editing
    assert all(Permission.STAFF_PRIVATE in grants for grants in editing)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", "   ", "Fill this in"),
        ("name", "🙂🙂", "in letters"),
        ("name", "а" * 300, "too long"),
        ("name", "<b>Анна</b>", "< and >"),
        ("phone", "12", "Write a phone number"),
        ("phone", "+7 900 123-45", "10 more digits"),
        ("birthday", "31.02.1998", "Write a day"),
        ("birthday", "01.01.2126", "still to come"),
        ("birthday", "01.01.2015", "under 14"),
        ("birthday", "01.01.1900", "Check the year"),
        ("email", "anna", "e-mail"),
        ("restaurant_id", "00000000-0000-4000-8000-000000000000", "valid choice"),
        ("position_id", "00000000-0000-4000-8000-000000000000", "valid choice"),
    ],
)
def test_bad_input_is_refused_beside_the_field_and_nothing_is_lost(world, browse, superuser_sql, field, typed, told):
    browser = browse(world.pelmenya.owner)
    answer = browser.post(browser.account("staff/new"), good(world.pelmenya, **{field: typed}))
    assert answer.status_code == 422
    assert told in error_of(answer.text, field)
    assert "anna@example.ru" in answer.text or field == "email"
    assert superuser_sql("SELECT id FROM getinn_ops.staff_member WHERE email = 'anna@example.ru'") == []


def test_a_number_is_one_persons_and_the_other_is_named_only_where_visible(world, browse):
    taken = good(world.pelmenya, phone="+79001110001")
    manager = browse(world.pelmenya.manager)
    answer = manager.post(manager.account("staff/new"), taken)
    assert answer.status_code == 422
    assert f'/staff/{member_of(world)}"' in error_of(answer.text, "phone")
    limited = browse(world.pelmenya.assigned_manager)
    taken["restaurant_id"] = str(world.pelmenya.assigned_restaurant_id)
    told = error_of(limited.post(limited.account("staff/new"), taken).text, "phone")
    assert "somebody in another restaurant" in told
    assert str(member_of(world)) not in told
    assert "employee" not in told
    # The same number in the other chain is another matter.
    other = browse(world.vareniki.manager)
    values = good(world.vareniki, phone="+79001110001")
    assert other.post(other.account("staff/new"), values).status_code == 303


def test_a_manager_of_some_restaurants_works_within_them_alone(world, browse, superuser_sql):
    browser = browse(world.pelmenya.assigned_manager)
    page = browser.get(browser.account("staff")).text
    assert "zqpelmenya employee 2" in page
    assert "zqpelmenya employee 1" not in page
    assert browser.get(browser.account(f"staff/{member_of(world)}")).status_code == 404
    new = browser.account("staff/new")
    for restaurant in ("", str(world.pelmenya.restaurant_id)):
        answer = browser.post(new, good(world.pelmenya, restaurant_id=restaurant))
        assert answer.status_code == 422
        assert error_of(answer.text, "restaurant_id")
    mine = good(world.pelmenya, restaurant_id=str(world.pelmenya.assigned_restaurant_id))
    assert browser.post(new, mine).status_code == 303
    # Somebody who belongs nowhere yet is hidden from them.
    superuser_sql("UPDATE getinn_ops.staff_member SET restaurant_id = NULL WHERE id = %s", [member_of(world, 2)])
    assert browser.get(browser.account(f"staff/{member_of(world, 2)}")).status_code == 404


def test_moving_somebody_takes_along_what_belongs_to_them(world, browse, superuser_sql):
    browser = browse(world.pelmenya.manager)
    moved = good(world.pelmenya, phone="+79001110001", restaurant_id=str(world.pelmenya.assigned_restaurant_id))
    assert browser.post(browser.account(f"staff/{member_of(world)}/edit"), moved).status_code == 303
    for table in ("staff_field", "staff_document", "staff_onboarding", "staff_question", "staff_message"):
        rows = superuser_sql(
            f"SELECT DISTINCT restaurant_id AS at FROM getinn_ops.{table} WHERE staff_member_id = %s",
            [member_of(world)],
        )
        assert [each.at for each in rows] == [world.pelmenya.assigned_restaurant_id], table
    limited = browse(world.pelmenya.assigned_manager)
    assert limited.get(limited.account(f"staff/{member_of(world)}")).status_code == 200


def test_whoever_has_a_first_shift_is_hired_at_once(world, browse, superuser_sql):
    browser = browse(world.pelmenya.manager)
    soon = (datetime.now(UTC) + timedelta(days=4)).date()
    superuser_sql("UPDATE getinn_ops.restaurant SET timezone = 'Asia/Vladivostok'")
    typed = good(world.pelmenya, starts_on=f"{soon:%d.%m.%Y}", clock="9:30")
    assert browser.post(browser.account("staff/new"), typed).status_code == 303
    (row,) = stored(superuser_sql)
    assert (row.status, row.onboarding_status, row.starts_on) == ("active", "in_progress", soon)
    (engagement,) = superuser_sql("SELECT * FROM getinn_ops.staff_onboarding WHERE staff_member_id = %s", [row.id])
    assert engagement.first_shift_at == datetime.combine(soon - timedelta(days=1), time(23, 30))
    for day in ("10.08.1926", "10.08.2126", "31.02.2026"):
        answer = browser.post(browser.account("staff/new"), good(world.pelmenya, phone="", starts_on=day))
        assert answer.status_code == 422
        assert error_of(answer.text, "starts_on")


def test_the_checklist_follows_position_and_restaurant(world, browse, superuser_sql):
    cook, other = world.pelmenya.id_of("staff_position"), world.pelmenya.assigned_restaurant_id
    superuser_sql(
        "INSERT INTO getinn_ops.onboarding_template (id, account_id, name, restaurant_id)"
        " VALUES (gen_random_uuid(), %s, 'Там', %s)",
        [world.pelmenya.account_id, other],
    )
    superuser_sql(
        "INSERT INTO getinn_ops.onboarding_template_step (account_id, template_id, position, code, name)"
        " SELECT account_id, id, 1, 'there', 'Шаг там' FROM getinn_ops.onboarding_template WHERE name = 'Там'"
    )
    browser = browse(world.pelmenya.manager)
    moved = good(world.pelmenya, phone="+79001110001", restaurant_id=str(other), position_id=str(cook))
    assert browser.post(browser.account(f"staff/{member_of(world)}/edit"), moved).status_code == 303
    assert "Шаг там" in browser.get(browser.account(f"staff/{member_of(world)}")).text
