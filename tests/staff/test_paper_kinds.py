"""Kinds of papers: what may be said of them, and who may."""

import html
import re

import pytest

GOOD = {"name": "Gas certificate", "code": "gas", "months_valid": "12", "remind_days": "7, 30 14,7"}


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def add(owner):
    return lambda **fields: owner.post(owner.account("staff/paper-kinds/new"), GOOD | fields)


def error_of(answer, field):
    found = re.search(rf'id="{field}-errors">(.*?)</ul>', answer.text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>|\s+", " ", found[1])).strip() if found else None


def test_a_kind_is_kept_as_it_was_said(add, superuser_sql):
    answer = add(for_citizenship="UZ, tj; uz", is_health="y", for_kitchen="y", months_at_most="18")
    assert answer.status_code == 303
    (row,) = superuser_sql("SELECT * FROM getinn_ops.document_type WHERE code = 'gas'")
    assert (row.months_valid, row.months_at_most, row.remind_days) == (12, 18, [30, 14, 7])
    assert (row.for_citizenship, row.is_health, row.for_kitchen) == (["uz", "tj"], True, True)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("remind_days", "30, soon", "“soon” is no number of days. Write them with commas, such as 30, 14, 7."),
        ("remind_days", "400", "At most 365 days before the end."),
        ("remind_days", ", ".join(map(str, range(20))), "At most 12 reminders."),
        ("remind_days", "-5", "“-5” is no number of days. Write them with commas, such as 30, 14, 7."),
        ("months_valid", "0", "Write a whole number of months from 1 to 120, or leave this empty."),
        ("months_valid", "1.5", "Write a whole number of months from 1 to 120, or leave this empty."),
        ("code", "gas paper", "A code has no spaces."),
        ("code", "ZQPELMENYA-EXAM", "This code belongs to zqpelmenya exam."),
        ("name", " ", "Fill this in."),
    ],
)
def test_what_cannot_be_said_of_a_kind_is_refused_beside_its_field(add, superuser_sql, field, value, reason):
    answer = add(**{field: value})
    assert answer.status_code == 422
    assert error_of(answer, field) == reason
    assert f'value="{value}"' in answer.text or not value.strip()
    assert superuser_sql("SELECT id FROM getinn_ops.document_type WHERE name = 'Gas certificate'") == []


def test_the_usual_kinds_come_at_a_press_and_their_terms_are_called_defaults(owner, world, superuser_sql):
    page = owner.get(owner.account("staff/paper-kinds")).text
    assert ("no legal advice" in page, "Take the usual kinds" in page) == (True, True)
    for _again in range(2):
        assert owner.post(owner.account("staff/paper-kinds/usual")).status_code == 303
    rows = superuser_sql(
        "SELECT code, months_valid, months_at_most, remind_days FROM getinn_ops.document_type"
        " WHERE account_id = %s AND code NOT LIKE 'zq%%'",
        [world.pelmenya.account_id],
    )
    by_hand = (None, None, [30, 14, 7])
    assert {row.code: (row.months_valid, row.months_at_most, row.remind_days) for row in rows} == {
        "medical_exam": (12, None, [30, 14, 7, 1]),
        "hygiene_training": (12, None, [30, 14]),
        "work_patent": (None, 12, [10, 5, 3, 1]),
        "migration_registration": by_hand,
        "migration_card": by_hand,
        "foreign_passport": by_hand,
        "residence_permit": by_hand,
        "fixed_term_contract": by_hand,
        "id_check": by_hand,
    }
    lines = superuser_sql("SELECT entity_label, actor_email FROM getinn_ops.audit_event WHERE entity = 'document_type'")
    assert len({each.entity_label for each in lines}) == len(lines) == len(rows)
    assert {each.actor_email for each in lines} == {world.pelmenya.owner.email}


def test_managers_read_the_kinds_and_owners_change_them(browse, world):
    kind = f"staff/paper-kinds/{world.pelmenya.id_of('document_type')}"
    manager, chef = browse(world.pelmenya.manager), browse(world.pelmenya.chef)
    shown = manager.get(manager.account(kind))
    assert (shown.status_code, "30, 7" in shown.text, "/edit" in shown.text) == (200, True, False)
    assert manager.get(manager.account("staff/paper-kinds/export")).status_code == 200
    for path in (f"{kind}/edit", "staff/paper-kinds/new"):
        assert manager.get(manager.account(path)).status_code == 403
    assert manager.post(manager.account("staff/paper-kinds/usual")).status_code == 403
    assert manager.post(manager.account("staff/paper-kinds/archival"), {"ids": kind[-36:]}).status_code == 403
    assert chef.get(chef.account(kind)).status_code == 403


def test_an_archived_kind_is_offered_no_more(owner, world):
    kind = str(world.pelmenya.id_of("document_type", 2))
    assert owner.post(owner.account("staff/paper-kinds/archival"), {"ids": kind}).status_code == 303
    form = owner.get(owner.account(f"staff/{world.pelmenya.id_of('staff_member')}/papers/new")).text
    assert kind not in form
    assert str(world.pelmenya.id_of("document_type")) in form
