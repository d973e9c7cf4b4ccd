"""A list as CSV: what the filters show, safe to open in a spreadsheet, noted in the log."""

import csv
import io
from datetime import datetime

import pytest

from portal.web.listing.export import cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_calculate_is_defused(start):
    assert cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        ("a=b", "a=b"),
        (" =x", " =x"),
        (5, "5"),
        (datetime.fromisoformat("2026-01-02 03:04:05.678"), "2026-01-02 03:04:05"),
    ],
)
def test_other_cells_stay_as_they_are(value, told):
    assert cell(value) == told


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


def rows_of(answer):
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_the_file_holds_what_the_filters_show(owner):
    rows = rows_of(owner.get(owner.account("restaurants/export?state=archived")))
    assert [row["Name"] for row in rows] == ["zqpelmenya on Old street"]


def test_the_file_holds_every_row_whatever_page_one_stands_on(owner, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'n' || n FROM generate_series(1, 120) n",
        [world.pelmenya.account_id],
    )
    assert len(rows_of(owner.get(owner.account("restaurants/export?page=last&after=x")))) == 122


def test_the_file_is_a_download_that_no_browser_shows(owner):
    answer = owner.get(owner.account("restaurants/export"))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=restaurants-")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_formula_typed_into_a_name_arrives_defused(owner, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) VALUES (%s, '=1+1')", [world.pelmenya.account_id]
    )
    names = [row["Name"] for row in rows_of(owner.get(owner.account("restaurants/export")))]
    assert "'=1+1" in names
    assert "=1+1" not in names


def test_an_export_leaves_a_line_in_the_log(owner, world, superuser_sql):
    owner.get(owner.account("restaurants/export"))
    [event] = superuser_sql("SELECT account_id, after FROM getinn_ops.audit_event WHERE action = 'exported'")
    assert event.account_id == world.pelmenya.account_id
    assert event.after["rows"] == 2
