"""Files as they come: encodings, separators, spreadsheets, and what is made to do harm."""

import contextlib
import datetime
import io
import os
import re
import struct
import subprocess
import zipfile

import pytest

from portal.importing import reading
from portal.importing.reader import archives, limits
from portal.importing.reader.values import as_text
from portal.importing.reading import UnreadableFileError, read_table
from tests.importing.old_spreadsheets import Failed, Formula, compound_file, ods_file, xls_file
from tests.importing.spreadsheets import csv_file, xlsx_file

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROWS = [("Название", "Адрес"), ("Блины", "Москва, Тверская, 1"), ("Кафе «Уют»", "Тула; двор")]


@pytest.fixture(autouse=True)
def context(app):
    """Sentences need a language."""
    with app.test_request_context():
        yield


def cells(data, **told):
    return [tuple(row) for _number, row in read_table(data, **told).rows]


def refusal(data, **told):
    with pytest.raises(UnreadableFileError) as refused:
        read_table(data, **told)
    assert str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_a_csv_is_read_in_its_encoding_and_by_its_separator(encoding, separator):
    assert cells(csv_file(ROWS, separator, encoding)) == ROWS


def test_the_page_is_told_how_a_csv_was_read():
    assert read_table(csv_file(ROWS, ";", "windows-1251")).read_as == {
        "kind": "csv", "encoding": "windows-1251", "separator": ";",
    }  # fmt: skip


def test_quoted_cells_hold_line_breaks_and_rows_keep_the_number_of_their_line():
    rows = read_table(b'Name,Address\r\nA,"one\r\ntwo"\r\n\r\nB,three\r\n').rows
    assert rows == [(1, ["Name", "Address"]), (2, ["A", "one\r\ntwo"]), (5, ["B", "three"])]


def test_a_line_that_names_the_separator_is_no_row():
    assert read_table(b"sep=;\r\nName;Address\r\nA;b,c,d\r\n").rows == [(2, ["Name", "Address"]), (3, ["A", "b,c,d"])]


def test_a_spreadsheet_gives_values_as_people_see_them():
    moment = datetime.datetime(2026, 5, 3, 9, 30)  # noqa: DTZ001 (cells have no zone)
    data = xlsx_file([("a", 74951234567, 7.0, 7.5, 1e15, True, datetime.date(2026, 5, 3), moment, None, "end")])
    assert cells(data) == [
        ("a", "74951234567", "7", "7.5", "1000000000000000", "yes", "2026-05-03", "2026-05-03 09:30:00", "", "end")
    ]


def test_formulas_give_their_last_value_and_never_their_text():
    assert cells(xlsx_file([("=1+1", "=cmd|'/c calc'!A1", "x"), ("#REF!", "y")])) == [("", "", "x"), ("", "y")]


def test_the_first_visible_sheet_is_read_and_the_others_are_told():
    def add(book, sheet):
        sheet.sheet_state = "hidden"
        book.create_sheet("Second")["B3"] = "seen"
        book.create_sheet("Third")["A1"] = "unread"

    data = xlsx_file([("hidden",)], add)
    table = read_table(data)
    assert table.read_as == {"kind": "xlsx", "sheet": "Second", "others": 1, "sheets": ["Second", "Third"]}
    assert table.rows == [(3, ["", "seen"])]
    assert cells(data, sheet="Third") == [("unread",)]
    assert refusal(data, sheet="Sheet") == "no_sheet"


@pytest.mark.parametrize(("kind", "written"), [("xls", xls_file), ("ods", ods_file)])
def test_the_spreadsheets_of_others_give_the_same_values(kind, written):
    day = datetime.date(2026, 5, 3)
    data = written(
        [("Дата", "Номер", None, "Сумма"), (day, 123.0, Failed("#REF!"), Formula(0.1 + 0.2)), (7, 7.5, 1e15)]
    )
    assert cells(data) == [
        ("Дата", "Номер", "", "Сумма"), ("2026-05-03", "123", "", "0.3"), ("7", "7.5", "1000000000000000"),
    ]  # fmt: skip
    several = written([("a",)], sheets=[("Скрытый", False), ("Май", True), ("Июнь", True)])
    assert read_table(several).read_as == {"kind": kind, "sheet": "Май", "others": 1, "sheets": ["Май", "Июнь"]}
    assert read_table(several, sheet="Июнь").read_as["sheet"] == "Июнь"


def test_rows_and_cells_that_are_repeated_a_million_times_do_not_fill_the_memory():
    cell = '<table:table-cell table:number-columns-repeated="16384"/>'
    empty = f'<table:table-row table:number-rows-repeated="1048570">{cell}'
    assert cells(ods_file([("Name",)], more=f"{empty}</table:table-row>")) == [("Name",)]
    full = empty.replace("/>", ' office:value-type="float" office:value="1"/>')
    assert refusal(ods_file([("Name",)], more=f"{full}</table:table-row>")) == "damaged"


def test_a_million_rows_are_refused_in_words():
    assert refusal(b"a;b\n" * 1_000_000) == "rows"
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 1_000_001))
    book = xlsx_file([("Name",)])
    name = "xl/worksheets/sheet1.xml"
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    assert refusal(with_members(book, {name: sheet.encode()})) == "rows"


def test_twenty_thousand_rows_are_taken():
    table = read_table("".join(f"УТ-{n};04.05.2026;Молоко;12,5;89,90\n" for n in range(20_000)).encode())
    assert (len(table.rows), table.rows[-1][0]) == (20_000, 20_000)


def test_workbooks_with_macros_are_refused_and_references_to_other_files_do_nothing():
    def add(_book, sheet):
        sheet["A2"] = "='file:///etc/[passwd]Sheet1'!A1"

    book = xlsx_file([("Name",)], add)
    assert cells(book) == [("Name",)]
    assert refusal(with_members(book, {"xl/vbaProject.bin": b"Sub AutoOpen()"})) == "macros"
    assert refusal(ods_file([("Name",)], **{"Basic/Standard/Module1.xml": "Sub Open"})) == "macros"
    assert refusal(compound_file({"Workbook": b"", "_VBA_PROJECT_CUR": b""})) == "macros"


def test_what_a_failed_calculation_left_is_an_empty_cell_and_never_zero():
    assert cells("a;#REF!;#N/A;#ДЕЛ/0!;#1;0\nb;#ССЫЛКА!\n".encode()) == [("a", "", "", "", "#1", "0"), ("b",)]


def test_a_person_may_say_how_a_csv_is_to_be_read():
    data = csv_file([("Счёт", "1,5"), ("Накладная", "2")], ";", "cp866")
    assert cells(data, encoding="cp866", separator=";") == [("Счёт", "1,5"), ("Накладная", "2")]
    assert refusal("Счёт".encode("windows-1251"), encoding="utf-8") == "encoding"
    assert cells(b"a;b,c\nd;e,f\n", separator=",") == [("a;b", "c"), ("d;e", "f")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (1234.56, "1234.56"), (112748946.35, "112748946.35"), (1e-7, "0.0000001"), (-0.5, "-0.5"),
     (123.0, "123"), (2.675, "2.675"), (1.005, "1.005"), (1e22, "10000000000000000000000"),
     (1 / 3, "0.333333333333333"), (7707083893.0, "7707083893"), (4607001234567890.0, "4607001234567890"),
     (float("nan"), ""), (float("inf"), "")],
)  # fmt: skip
def test_a_number_is_its_shortest_text(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\r\n", "empty"),
        (b"\0" * 500, "empty"),
        (b",,,\r\n,,\r\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "picture"),
        (b"%PDF-1.7 ...", "picture"),
        (b"BM\x36\0\0\0\0\0", "picture"),
        (b"MOXCEL\0\x08\0\x01", "own_table"),
        (b"Rar!\x1a\x07", "kind"),
        (b"{\\rtf1 rows}", "kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "kind"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"<html><body><table><tr><td>a</td></tr></table>", "page"),
        (b"\xef\xbb\xbf\r\n<META charset=utf-8><TABLE>", "page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>', "page"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "markup"),
        (b"Name,Address\r\nA\0,b", "kind"),
        (b"\xff\xfeA\x00\x00\xd8B\x00", "kind"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"a,b\r\n" * 20_031, "rows"),
        (",".join(map(str, range(101))).encode(), "columns"),
        (b"a,b\r\nx," + b"y" * 5001, "cell"),
        (b'Name,Address\r\n"' + b"never closed,\r\n" * 9000, "cell"),
        ((b"z" * 4999 + b",") * 2000, "columns"),
        ((b"z" * 4999 + b"\n") * 2000, "text"),
        (b"a" * (limits.MAX_BYTES + 1), "large"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:24]),
)
def test_what_is_no_table_is_refused_in_words(data, code):
    assert refusal(data) == code


def test_archives_that_are_no_spreadsheet_are_refused():
    assert refusal(archive({"word/document.xml": b"<a/>"})) == "kind"
    assert refusal(archive({"xl/workbook.xml": b"nonsense"})) == "damaged"


def test_an_archive_that_unpacks_to_far_too_much_is_refused_before_it_is_read(monkeypatch):
    bomb = archive({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"\0" * (80 << 20)})
    many = archive({"xl/workbook.xml": b"<a/>", **{f"xl/part{n}.xml": b"" for n in range(1001)}})
    assert (refusal(bomb), refusal(many)) == ("unpacked", "unpacked")
    read, unpacked = zipfile.ZipExtFile.read, []

    def counted(part, size=-1):
        piece = read(part, size)
        unpacked.append(len(piece))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    for data, most in ((bomb, archives.MAX_UNPACKED_BYTES + (1 << 20)), (many, 0)):
        unpacked.clear()
        with pytest.raises(limits.UnreadableError):
            archives.kind_of_archive(data)
        assert sum(unpacked) <= most


def test_the_sizes_that_an_archive_claims_are_not_believed():
    data = archive({"xl/workbook.xml": b"<a/>", "big": b"\0" * (80 << 20)})
    place = data.rindex(b"PK\x01\x02")
    lying = data[: place + 24] + struct.pack("<L", 10) + data[place + 28 :]
    assert refusal(lying) in {"unpacked", "damaged"}


def test_a_protected_archive_asks_for_one_without_password():
    data = bytearray(archive({"xl/workbook.xml": b"<a/>"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)) == "password"


def test_one_cell_at_the_far_end_of_a_sheet_kills_the_reader_and_nothing_else():
    def add(_book, sheet):
        sheet["XFD1048576"] = "x"

    assert refusal(xlsx_file([("Name",)], add)) == "died"
    assert cells(xlsx_file([("Name",)])) == [("Name",)]


def test_entities_in_a_sheet_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("never read")
    book = xlsx_file([("Name", "second")])
    name = "xl/worksheets/sheet1.xml"
    sheet = zipfile.ZipFile(io.BytesIO(book)).read(name).decode()
    assert ">Name<" in sheet
    head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY f "ffffffffff">]>'
    told = head + sheet[sheet.index("<worksheet") :].replace(">Name<", ">&e;&f;<")
    with contextlib.suppress(UnreadableFileError):
        assert not {"never", "ffff"} & set(
            re.findall("never|ffff", str(cells(with_members(book, {name: told.encode()}))))
        )


def test_the_reader_has_little_memory_little_time_no_environment_and_writes_nothing(monkeypatch, tmp_path):
    told = tmp_path / "told.py"
    told.write_text(
        "import os, resource, runpy, sys\n"
        f"module = runpy.run_path({reading.PROGRAM!r})\n"
        "module['limit_this_process']()\n"
        "limits = [resource.getrlimit(x)[0] for x in"
        " (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)]\n"
        "import json; print(json.dumps({'read_as': limits, 'rows': [[1, sorted(os.environ)]]}))\n"
    )
    monkeypatch.setenv("SECRET_KEY", "never told")
    monkeypatch.setattr(reading, "PROGRAM", str(told))
    table = read_table(b"a")
    assert table.read_as == [512 * 1024 * 1024, 20, 0]
    assert "SECRET_KEY" not in table.rows[0][1]


def test_a_reader_that_never_ends_is_ended(monkeypatch, tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text(
        "import os, time\nprint(os.getpid(), file=open('"
        + str(tmp_path / "pid")
        + "', 'w'), flush=True)\ntime.sleep(60)"
    )
    monkeypatch.setattr(reading, "PROGRAM", str(endless))
    monkeypatch.setattr(reading, "MAX_READING_SECONDS", 2.0)
    assert refusal(b"a,b") == "died"
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_more_than_a_few_files_are_read_at_once(monkeypatch):
    monkeypatch.setattr(reading, "MAX_WAIT_SECONDS", 0.05)
    held = [reading._slots.acquire(timeout=1) for _ in range(2)]
    try:
        assert held == [True, True]
        assert refusal(b"a,b") == "busy"
    finally:
        reading._slots.release()
        reading._slots.release()
    assert cells(b"a,b") == [("a", "b")]


def test_the_reader_starts_without_the_portal():
    asked = (
        "import sys, runpy; runpy.run_path(sys.argv[1], run_name='__main__'); "
        "print(); print(sorted({'flask', 'sqlalchemy', 'portal.db', 'portal.importing.reader.files'} & {*sys.modules}))"
    )
    command = [reading.sys.executable, "-I", "-c", asked, reading.PROGRAM]
    told = subprocess.run(command, input="{}\na,b\n", capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "['portal.importing.reader.files']"


def archive(members):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return written.getvalue()


def with_members(book, members):
    """The same archive with other parts in place of its own, or beside them."""
    source = zipfile.ZipFile(io.BytesIO(book))
    own = {name: source.read(name) for name in source.namelist()}
    return archive(own | members)
