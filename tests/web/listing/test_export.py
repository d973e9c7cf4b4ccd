"""A list as CSV: what the filters show, safe to open in a spreadsheet, noted in the log."""

import csv
import io
import tempfile
from datetime import datetime
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from portal.web.listing import workbook
from portal.web.listing.cells import cell
from portal.web.listing.declaration import COUNT_CAP
from tests.browsing import BASE_URL


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


@pytest.mark.parametrize(
    "number", ["+7 495 555-03-12", "+7 (495) 555-03-12", "+7(495)5550312", "+74955550312", "+375 29 123 45 67"]
)
def test_a_telephone_number_stands_as_it_is(number):
    assert cell(number) == number


@pytest.mark.parametrize(
    "formula", ["+1-1", "+1+1", "+7-495-1", "+1 -1", "+(1)", "+A1", "+7 495 1*2", "+", "+7 495 1\n=1"]
)
def test_what_could_be_reckoned_with_is_no_telephone_number(formula):
    assert cell(formula) == f"'{formula}"


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


@pytest.fixture
def many(world, superuser_sql):
    """More restaurants than are counted."""
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, 'n' || n FROM generate_series(1, %s) n",
        [world.pelmenya.account_id, COUNT_CAP + 500],
    )
    return COUNT_CAP + 502


def noted(superuser_sql):
    lines = superuser_sql("SELECT after FROM getinn_ops.audit_event WHERE action = 'exported' ORDER BY at, id")
    return [line.after["rows"] for line in lines]


def test_a_long_list_is_noted_before_its_first_row_leaves_and_counted_when_all_have(owner, many, superuser_sql):
    answer = owner.client.get(owner.account("restaurants/export"), base_url=BASE_URL)
    pieces = iter(answer.response)
    assert next(pieces).startswith("\ufeffName,".encode())
    assert noted(superuser_sql) == ["1\u202f000+"]
    assert len(b"".join(pieces).splitlines()) == many
    answer.close()
    assert noted(superuser_sql) == ["1\u202f000+", many]


def test_nothing_of_a_long_list_is_read_ahead_of_who_takes_it(owner, many):
    answer = owner.client.get(owner.account("restaurants/export"), base_url=BASE_URL)
    sizes = [len(piece.splitlines()) for piece in answer.response]
    answer.close()
    assert sizes[0] == 1
    assert max(sizes) <= 500


def test_who_leaves_in_the_middle_ends_the_reading_and_frees_the_place(owner, many, superuser_sql):
    answer = owner.client.get(owner.account("restaurants/export"), base_url=BASE_URL)
    pieces = iter(answer.response)
    next(pieces), next(pieces)
    answer.close()
    sessions = superuser_sql(
        "SELECT count(*) AS n FROM pg_locks l JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    assert sessions[0].n == 0
    assert 0 < noted(superuser_sql)[1] < many


def test_a_long_list_of_chains_streams_past_the_walls_of_accounts(browse, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.account (name, slug) SELECT 'chain ' || n, 'chain-' || n FROM generate_series(1, %s) n",
        [COUNT_CAP + 1],
    )
    text = browse(world.superuser).get("/accounts/export").get_data(as_text=True)
    assert len(text.splitlines()) == 1 + COUNT_CAP + 1 + len(world.chains)


def read_back(answer):
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_a_workbook_holds_texts_that_nothing_is_made_of(owner, world, superuser_sql):
    names = ["00123", "3-4", "=1+1", "+7 495 555-03-12", "1e5", "https://example.com", "a\x01b"]
    for name in names:
        superuser_sql(
            "INSERT INTO getinn_ops.restaurant (account_id, name, address) VALUES (%s, %s, 'Ёлка')",
            [world.pelmenya.account_id, name],
        )
    heading, *rows = read_back(owner.get(owner.account("restaurants/export?format=xlsx&q=елка")))
    assert heading[:2] == ["Name", "Address"]
    assert sorted(row[0] for row in rows) == sorted(names)
    assert all(isinstance(value, str) for row in rows for value in row)
    assert noted(superuser_sql) == [len(names)]


def test_a_workbook_is_what_the_filters_show(owner):
    _heading, row = read_back(owner.get(owner.account("restaurants/export?format=xlsx&state=archived")))
    assert row[0] == "zqpelmenya on Old street"


def test_numbers_by_their_type_stay_numbers_of_a_workbook(app):
    with app.test_request_context():
        file, count = workbook.write_workbook(["a", "b", "c"], [[5, Decimal("1.50"), Decimal("12345678901234567.5")]])
    (row,) = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1:]
    assert (row, count) == ([5, 1.5, "12345678901234567.5"], 1)


def test_what_no_cell_of_a_workbook_holds_is_cut_with_a_mark(app):
    with app.test_request_context():
        file, _count = workbook.write_workbook(["a"], [["x" * 40_000]])
    (told,) = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1]
    assert len(told) == workbook.MAX_CHARACTERS
    assert "the CSV has all of it" in told


def test_a_list_that_no_workbook_holds_is_refused_in_words(owner, many, monkeypatch, superuser_sql):
    monkeypatch.setattr(workbook, "MAX_ROWS", 1_000)
    answer = owner.get(owner.account("restaurants/export?format=xlsx"))
    assert answer.status_code == 422
    assert "Take it out as CSV" in answer.text
    assert noted(superuser_sql) == []


def test_a_workbook_that_is_not_finished_leaves_no_file_behind(app, monkeypatch, tmp_path):
    monkeypatch.setattr(workbook, "MAX_ROWS", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with app.test_request_context(), pytest.raises(workbook.TooManyRows):
        workbook.write_workbook(["a"], [["1"], ["2"]])
    assert list(tmp_path.iterdir()) == []


def test_every_list_offers_both_files(owner):
    page = owner.get(owner.account("restaurants?q=x&state=all")).text
    assert "/restaurants/export?q=x&amp;state=all&amp;format=xlsx" in page
