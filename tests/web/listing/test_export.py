"""A list as CSV: what the filters show, safe to open in a spreadsheet, noted in the log."""

import csv
import hashlib
import io
from datetime import datetime
from decimal import Decimal
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from portal.media.content_types import sniff
from portal.web.listing import export, workbook
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


def whole(headings, rows):
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(workbook.workbook_pieces(headings, rows))))


def test_numbers_by_their_type_stay_numbers_of_a_workbook():
    numbers = [5, Decimal("1.50"), Decimal("12345678901234567.5"), Decimal("NaN"), float("inf"), True]
    (row,) = whole(["a"] * 6, [numbers]).get_sheet_by_index(0).to_python()[1:]
    assert row == [5, 1.5, "12345678901234567.5", "NaN", "inf", "True"]


def test_what_no_cell_of_a_workbook_holds_is_cut_with_a_mark(app):
    with app.test_request_context():
        (told,) = whole(["a"], [["x" * 40_000]]).get_sheet_by_index(0).to_python()[1]
    assert len(told) == workbook.MAX_CHARACTERS
    assert "the CSV has all of it" in told


def test_a_cell_is_measured_in_the_units_of_workbooks(app):
    with app.test_request_context():
        (told,) = whole(["a"], [["🥟" * 20_000]]).get_sheet_by_index(0).to_python()[1]
    assert len(told.encode("utf-16-le")) // 2 <= workbook.MAX_CHARACTERS
    assert told.startswith("🥟" * 16_000)


@pytest.mark.parametrize(
    "text",
    [" two  spaces ", "a\tb\nc", "a\r\nb", "<b>&amp;</b>", "_x0041_", "\x00\x1f", "]]>", "👩‍👩‍👧"],
)
def test_a_workbook_keeps_every_character(text):
    assert whole(["a"], [[text]]).get_sheet_by_index(0).to_python()[1] == [text]


def test_columns_have_the_letters_of_a_spreadsheet():
    assert [workbook.column_name(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_workbook_begins_before_a_row_is_read_and_never_waits_for_the_last_one():
    read = []

    def rows():
        for number in range(30_000):
            read.append(number)
            yield [f"row {number} {hashlib.sha256(str(number).encode()).hexdigest()}", number]

    pieces = workbook.workbook_pieces(["Name", "Number"], rows())
    first = next(pieces)
    assert (first[:4], read) == (b"PK\x03\x04", [])
    lags = [(len(piece), len(read)) for piece in pieces]
    assert lags[0][1] < 1_500
    assert max(size for size, _count in lags) < 100_000
    assert len(lags) > 20


def test_what_a_sheet_does_not_hold_goes_on_on_the_next(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    for count in (0, 1, 2, 3, 4, 5):
        book = whole(["a"], [[f"row {number}"] for number in range(count)])
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert [row for sheet in sheets for row in sheet[1:]] == [[f"row {number}"] for number in range(count)]
        assert {sheet[0][0] for sheet in sheets} == {"a"}
        assert len(sheets) == max(1, -(-count // 2))


def test_a_sheet_ends_before_its_part_is_too_large_for_a_stream(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_SHEET_BYTES", 4_000)
    book = whole(["a"], [["x" * 500] for _number in range(20)])
    assert len(book.sheet_names) > 2
    assert sum(len(book.get_sheet_by_name(name).to_python()) - 1 for name in book.sheet_names) == 20


def test_every_part_of_a_workbook_is_told_of_and_well_formed(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 2)
    data = b"".join(workbook.workbook_pieces(["a"], [["1"], ["2"]]))
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
    told = {f"xl/{each.get('Target')}" for each in parts["xl/_rels/workbook.xml.rels"]}
    fixed = {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
    assert set(parts) == told | fixed
    assert sniff(data[:1_000]).content_type == export.WORKBOOK_TYPE


def test_a_long_workbook_streams_and_is_counted_when_it_has_left(owner, many, superuser_sql):
    answer = owner.client.get(owner.account("restaurants/export?format=xlsx"), base_url=BASE_URL)
    assert answer.mimetype == export.WORKBOOK_TYPE
    pieces = iter(answer.response)
    data = next(pieces)
    assert noted(superuser_sql) == ["1\u202f000+"]
    data += b"".join(pieces)
    answer.close()
    assert noted(superuser_sql) == ["1\u202f000+", many]
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()) == many + 1


def test_who_leaves_a_workbook_in_the_middle_frees_the_place(owner, many, superuser_sql):
    answer = owner.client.get(owner.account("restaurants/export?format=xlsx"), base_url=BASE_URL)
    next(iter(answer.response))
    answer.close()
    assert 0 <= noted(superuser_sql)[1] < many


def test_every_list_offers_both_files(owner):
    page = owner.get(owner.account("restaurants?q=x&state=all")).text
    assert "/restaurants/export?q=x&amp;state=all&amp;format=xlsx" in page
