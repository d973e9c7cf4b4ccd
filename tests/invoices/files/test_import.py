"""From a supplier's file to invoices: preview, columns, duplicates, applying, undoing."""

import csv
import html
import io
import threading
from decimal import Decimal

import pytest

from portal.invoices.files import applying, working
from portal.invoices.files.working import work_on_file
from tests.importing.old_spreadsheets import Failed, ods_file, xls_file
from tests.importing.spreadsheets import csv_file, xlsx_file
from tests.invoices.files.papers_in_files import LINE, upd_file


def test_rows_of_a_register_become_papers_with_their_lines(sending, entered_papers):
    person = sending()
    person.send_rows(person.line(), ("", "", "", "Сыр", "кг", "2", "500", "1000", "10"), person.line("УТ-2"))
    assert person.results() == {2: "New", 3: "New", 4: "New"}
    assert (
        "2 papers to enter: RUB 3,000.00" in person.page().replace("\u00a0", " ")
        or "2 papers to enter" in person.page()
    )
    assert entered_papers() == []
    assert person.apply().status_code == 303
    one, two = entered_papers()
    assert (one.invoice_number, one.status, one.total_amount, one.vat_total) == (
        "УТ-1", "active", Decimal("2000.00"), Decimal("181.82"),
    )  # fmt: skip
    assert one.lines == ["Масло 10.0000 1000.00", "Сыр 2.0000 1000.00"]
    assert two.document_id == one.document_id is not None
    assert set(person.results().values()) == {"Added"}


def test_an_electronic_paper_needs_neither_columns_nor_supplier(sending, entered_papers, world):
    person = sending()
    lines = [LINE, LINE | {"НомСтр": "2", "НаимТов": "Сыр", "НалСт": "без НДС", "СтТовУчНал": "100.00", "КолТов": "1",
                           "ЦенаТов": "100", "СтТовБезНДС": "100.00"}]  # fmt: skip
    assert person.send(upd_file(lines, total="1182.00"), "ON_NSCHFDOPPR.xml", supplier=None).status_code == 303
    assert person.results() == {2: "New", 3: "New"}
    person.apply()
    (invoice,) = entered_papers()
    assert (invoice.supplier_id, invoice.invoice_number, invoice.total_amount, invoice.stated_total) == (
        world.pelmenya.id_of("supplier"), "УТ-000123", Decimal("1182.00"), Decimal("1182.00"),
    )  # fmt: skip
    assert invoice.prices_include_vat is False
    assert invoice.status == "active"


@pytest.mark.parametrize("written", [xlsx_file, xls_file, ods_file])
def test_a_paper_with_its_number_above_the_table_is_read_from_any_spreadsheet(sending, entered_papers, written):
    person = sending()
    rows = [
        ("ООО «Ромашка»",),
        ("Накладная №", "УТ-000077", "от", "4 мая 2026 г."),
        ("№", "Наименование", "Ед.", "Кол-во", "Цена", "Сумма с НДС"),
        ("1", "2", "3", "4", "5", "6"),
        (1.0, "Молоко", "шт", 12.0, 95.0, 1140.0),
        ("", "Итого", "", "", "", 1140.0),
    ]
    assert person.send(written(rows), "paper").status_code == 303
    assert person.results() == {4: "Not a line", 5: "New", 6: "Not a line"}
    person.apply()
    (invoice,) = entered_papers()
    assert (invoice.invoice_number, str(invoice.invoice_date)) == ("УТ-000077", "2026-05-04")
    assert invoice.lines == ["Молоко 12.0000 1140.00"]


def test_what_is_wrong_with_a_row_is_told_with_its_field(sending):
    person = sending()
    person.send_rows(
        person.line(quantity="0"),
        person.line("2", quantity="-1"),
        person.line("3", day="04.05.1926"),
        person.line("4", total="1,234"),
        person.line("5", quantity="#REF!"),
    )
    told = person.details()
    assert "Quantity: Nothing was delivered" in told[2]
    assert "Enter it as a credit note." in told[3]
    assert "years ago" in told[4]
    assert "two ways" in told[5]
    assert "Quantity: Fill this in." in told[6]
    assert set(person.results().values()) == {"Error"}


def test_a_failed_formula_is_an_error_of_its_row_and_never_zero(sending):
    person = sending()
    rows = [("Номер", "Дата", "Наименование", "Кол-во", "Сумма"), ("1", "04.05.2026", "Сыр", 1.0, Failed("#REF!"))]
    person.send(xls_file(rows), "x.xls")
    assert "Amount with VAT: Fill this in." in person.details()[2]


def test_rows_with_errors_are_left_out_only_if_the_person_says_so(sending, entered_papers):
    person = sending()
    person.send_rows(person.line(), person.line("УТ-2", quantity="нет"))
    person.apply()
    assert entered_papers() == []
    person.apply(leave_out="y")
    assert [invoice.invoice_number for invoice in entered_papers()] == ["УТ-1"]


def test_a_paper_of_which_a_row_was_left_out_is_a_draft_that_says_what_it_should_come_to(sending, entered_papers):
    person = sending()
    person.send_rows(person.line(), ("", "", "", "Сыр", "кг", "0", "500", "1000", "10"))
    person.apply(leave_out="y")
    (invoice,) = entered_papers()
    assert (invoice.total_amount, invoice.stated_total, invoice.status) == (
        Decimal("1000.00"), Decimal("2000.00"), "draft",
    )  # fmt: skip


def test_faulty_rows_are_downloaded_as_they_were_with_the_reasons(sending):
    person = sending()
    person.send_rows(person.line(), person.line("=УТ-2", quantity="нет"))
    answer = person.browser.get(person.here + "/export")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")), delimiter=";"))
    assert rows[0][:2] == ["Поставщик", "Номер"]
    assert rows[0][-1] == "Reason"
    assert (rows[1][1], rows[1][5], rows[1][-2]) == ("'=УТ-2", "нет", "3")
    assert "“нет” is not a number." in rows[1][-1]
    assert len(rows) == 2


def test_a_paper_that_is_there_already_is_left_out_until_somebody_says_why(sending, entered_papers):
    person = sending()
    person.send_rows(person.line("УТ-000123"))
    person.apply()
    person.send_rows(person.line("YT-123"), person.line("УТ-9", total="1100", price="110"))
    assert person.results() == {2: "There already", 3: "New"}
    assert "this number of this supplier was entered already" in person.page()
    person.apply()
    assert [invoice.invoice_number for invoice in entered_papers()] == ["УТ-000123", "УТ-9"]


def test_with_a_reason_it_is_entered_all_the_same(sending, entered_papers):
    person = sending()
    person.send_rows(person.line("УТ-000123"))
    person.apply()
    person.send_rows(person.line("YT-123"))
    person.apply(reason_2="second_part")
    found = {invoice.invoice_number: invoice.duplicate_reason for invoice in entered_papers()}
    assert found == {"YT-123": "second_part", "УТ-000123": None}


def test_the_same_file_again_asks(sending, entered_papers):
    person = sending()
    data = csv_file([("Номер", "Дата", "Сумма"), ("", "", "")], ";") + "\r\nб/н;04.05.2026;900".encode()
    for _time in range(2):
        person.send(data)
        result = person.results()[3]
        person.apply()
    assert result == "There already"
    assert len(entered_papers()) == 1


def test_columns_are_told_by_hand_and_remembered_for_the_supplier(sending, entered_papers):
    person = sending()
    headings = ("Колонка А", "Колонка Б", "Колонка В")
    data = csv_file([headings, ("77", "04.05.2026", "900")], ";")
    answer = person.send(data)
    assert "/columns" in person.browser.get(person.here).location
    columns = person.here + "/columns"
    page = html.unescape(person.browser.get(columns).text)
    assert "Колонка Б" in page
    assert "900" in page
    refused = person.browser.post(columns, {"heading_row": "1", "column_0": "number", "column_1": "day"})
    assert refused.status_code == 422
    assert "Say which column is “Amount with VAT”." in html.unescape(refused.text)
    told = {
        "heading_row": "1",
        "kind": "invoice",
        "prices_include_vat": "y",
        "default_rate": "10",
        "number": "",
        "day": "",
    }
    told |= {"column_0": "number", "column_1": "day", "column_2": "total"}
    assert person.browser.post(columns, told).status_code == 303
    assert person.results() == {2: "New"}
    person.apply()
    assert [(each.invoice_number, each.vat_total) for each in entered_papers()] == [("77", Decimal("81.82"))]
    assert answer.status_code == 303
    person.send(csv_file([headings, ("78", "05.05.2026", "550")], ";"))
    assert person.results() == {2: "New"}
    person.apply()
    assert entered_papers()[-1].vat_total == Decimal("50.00")


def test_a_file_is_read_another_way_when_the_guess_was_wrong(sending):
    person = sending()
    rows = [("Номер", "Дата", "Сумма"), ("77", "04.05.2026", "900")]
    person.send("\r\n".join(";".join(row) for row in rows).encode("cp866"))
    assert "/columns" in person.browser.get(person.here).location
    reading = {"encoding": "cp866", "separator": ";"}
    assert person.browser.post(person.here + "/reading", reading).status_code == 303
    assert person.results() == {2: "New"}


def test_another_sheet_may_be_chosen(sending):
    def add(book, _sheet):
        book.create_sheet("Май")["A1"] = "Номер"
        for place, text in enumerate(("Дата", "Сумма"), 2):
            book["Май"].cell(1, place, text)
        for place, text in enumerate(("77", "04.05.2026", "900"), 1):
            book["Май"].cell(2, place, text)

    person = sending()
    person.send(xlsx_file([("Содержание",)], add), "x.xlsx")
    person.browser.post(person.here + "/reading", {"sheet": "Май"})
    assert person.results() == {2: "New"}


def test_a_file_of_another_supplier_is_told(sending):
    person = sending()
    person.send(upd_file(tax_id="7830002293"), "x.xml")
    assert "the paper is from 7830002293" in person.details()[2]


def test_a_supplier_that_is_not_there_is_told_and_one_that_was_merged_is_followed(sending, world):
    person = sending()
    person.send(upd_file(tax_id="7830002293"), "x.xml", supplier=None)
    assert "There is no supplier “7830002293” yet." in person.details()[2]
    person.supplier = f"{world.pelmenya.marker} SUPPLIER 2"
    person.send_rows(person.line(), supplier=None)
    assert person.results() == {2: "New"}


def test_an_unknown_unit_is_stored_and_told(sending, entered_papers):
    person = sending()
    person.send_rows(person.line(unit="бочка"))
    assert "“бочка” is no unit here" in person.details()[2]
    person.apply()
    assert len(entered_papers()) == 1


def test_a_credit_note_gives_money_back(sending, entered_papers):
    person = sending()
    person.send_rows(person.line("К-1", quantity="-1", total="-100"))
    told = {
        "heading_row": "1",
        "kind": "credit_note",
        "prices_include_vat": "y",
        "default_rate": "",
        "number": "",
        "day": "",
    }
    names = ("supplier", "number", "day", "description", "unit", "quantity", "price", "total", "rate")
    told |= {f"column_{place}": name for place, name in enumerate(names)}
    assert person.browser.post(person.here + "/columns", told).status_code == 303
    person.apply()
    (note,) = entered_papers()
    assert (note.kind, note.total_amount) == ("credit_note", Decimal("-100.00"))


def test_undoing_cancels_what_nobody_has_touched_since(sending, entered_papers, superuser_sql):
    person = sending()
    person.send_rows(person.line(), person.line("УТ-2", total="1100", price="110"))
    person.apply()
    superuser_sql("UPDATE getinn_ops.invoice SET status = 'paid' WHERE invoice_number = 'УТ-2'")
    assert person.undo().status_code == 303
    assert {each.invoice_number: each.status for each in entered_papers()} == {"УТ-1": "cancelled", "УТ-2": "paid"}
    assert sorted(person.results().values()) == ["Kept: changed after the import", "Undone"]
    person.undo()
    assert {each.invoice_number: each.status for each in entered_papers()} == {"УТ-1": "cancelled", "УТ-2": "paid"}


def test_it_is_applied_once_however_often_the_button_is_pressed(sending, entered_papers):
    person = sending()
    person.send_rows(person.line())
    person.apply()
    person.apply()
    assert len(entered_papers()) == 1


def test_what_others_entered_since_the_preview_is_left_and_told(sending, entered_papers, world):
    person, other = sending(), sending(world.pelmenya.manager)
    person.send_rows(person.line("УТ-1"), person.line("УТ-2", total="1100", price="110"))
    other.send_rows(other.line("УТ-2", total="1200", price="120"))
    other.apply()
    person.apply()
    assert person.results() == {2: "Added", 3: "Left: changed after the preview"}
    assert len(entered_papers()) == 2


def test_papers_that_others_entered_out_of_sight_are_left_out_and_too_many_of_them_are_told(
    sending, entered_papers, world, monkeypatch
):
    chain = world.pelmenya
    owner, limited = sending(), sending(chain.assigned_manager)
    rows = [(str(number), "04.05.2026", str(number)) for number in (701, 702)]
    headings, stores = ("Номер", "Дата", "Сумма"), {"store_id": str(chain.assigned_store_id)}
    owner.send_rows(*rows, headings=headings)
    owner.apply()
    limited.send_rows(*rows, headings=headings, **stores)
    assert limited.results() == {2: "New", 3: "New"}
    monkeypatch.setattr(applying, "MAX_REFUSED", 1)
    assert limited.apply().status_code == 303
    assert "Others have entered many of these papers meanwhile." in limited.page()
    monkeypatch.undo()
    assert limited.apply().status_code == 303
    assert {each.store_id for each in entered_papers()} == {chain.store_id}


def test_rows_are_not_looked_at_anew_while_their_papers_are_entered(
    sending, browse, world, entered_papers, superuser_sql, monkeypatch
):
    person, other, answers = sending(), browse(world.pelmenya.owner), []
    person.send_rows(person.line())
    other.prove()
    thread = threading.Thread(target=lambda: answers.append(other.post(person.here + "/judgement", {}).status_code))
    enter = applying._enter

    def enter_with_somebody_beside(papers):
        thread.start()
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while thread.is_alive() and not superuser_sql(waits):
            pass
        return enter(papers)

    monkeypatch.setattr(applying, "_enter", enter_with_somebody_beside)
    assert person.apply().status_code == 303
    thread.join()
    assert answers == [409]
    assert len(entered_papers()) == 1
    assert person.results() == {2: "Added"}


def test_a_fault_in_the_middle_leaves_nothing(sending, entered_papers, monkeypatch):
    from portal.invoices.files import applying

    def fail(_papers):
        raise RuntimeError("in the middle")

    person = sending()
    person.send_rows(person.line())
    monkeypatch.setattr(applying, "snapshot", fail)
    assert person.apply().status_code == 500
    monkeypatch.undo()
    assert entered_papers() == []
    assert person.results() == {2: "New"}


def test_a_large_file_is_worked_on_by_a_job_in_the_name_of_who_sent_it(
    sending, entered_papers, monkeypatch, run_job, superuser_sql, world
):
    monkeypatch.setattr(working, "MAX_AT_ONCE", 1)
    person = sending()
    person.send_rows(person.line(), person.line("УТ-2", total="1100", price="110"))
    (file,) = superuser_sql(
        "SELECT * FROM getinn_ops.invoice_file WHERE step = 'judging' AND account_id = %s", [world.pelmenya.account_id]
    )
    assert "The rows are being looked at: 0 %" in person.page()
    assert person.browser.get(person.here + "/progress", htmx=True).status_code == 200
    run_job(work_on_file, file_id=str(file.id), account_id=str(file.account_id))
    assert person.browser.get(person.here + "/progress", htmx=True).headers["HX-Refresh"] == "true"
    assert person.results() == {2: "New", 3: "New"}
    person.apply()
    assert entered_papers() == []
    run_job(work_on_file, file_id=str(file.id), account_id=str(file.account_id))
    assert {each.user_id for each in entered_papers()} == {world.pelmenya.owner.id}
    assert person.results() == {2: "Added", 3: "Added"}


def test_a_large_file_of_unknown_columns_asks_for_them_at_once(sending, monkeypatch):
    monkeypatch.setattr(working, "MAX_AT_ONCE", 1)
    person = sending()
    person.send_rows(("1", "x", "9"), ("2", "y", "8"), headings=("А", "Б", "В"))
    columns = person.browser.get(person.here).location
    assert columns.endswith("/columns")
    assert person.browser.get(columns).status_code == 200


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "This is a picture or a PDF"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "This is a web page"),
        (b"MOXCEL\0\x08\0", "In 1C: save as XLSX."),
        (b"", "There are no rows in it."),
        (upd_file(head="<!DOCTYPE x>"), "declares a document type"),
        (b"<?xml version='1.0'?><rows/>", "no electronic paper"),
    ],
    ids=["PNG as XLSX", "HTML as XLS", "MXL", "nothing", "document type", "other XML"],
)
def test_a_file_that_is_none_is_told_beside_the_field_and_nothing_typed_is_lost(sending, data, sentence):
    person = sending()
    answer = person.send(data, "papers.xlsx")
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert sentence in page
    assert f'<option selected value="{person.chain.id_of("supplier")}">' in page


def test_pasted_rows_are_taken_as_well(sending, entered_papers, world):
    person = sending()
    told = {"rows": "Номер\tДата\tСумма\n77\t04.05.2026\t900", "store_id": str(world.pelmenya.store_id)}
    answer = person.browser.post(person.url, told | {"supplier_id": str(world.pelmenya.id_of("supplier"))})
    person.here = answer.location
    person.apply()
    assert [each.invoice_number for each in entered_papers()] == ["77"]


def test_a_preview_is_discarded_and_an_applied_file_is_not(sending, entered_papers):
    person = sending()
    person.send_rows(person.line())
    assert person.browser.delete(person.here).status_code == 303
    assert person.browser.get(person.here).status_code == 404
    person.send_rows(person.line())
    person.apply()
    assert person.browser.delete(person.here).status_code == 409
    assert len(entered_papers()) == 1


def test_a_manager_of_some_restaurants_names_no_store_beyond_them_and_sees_own_files_alone(sending, world, browse):
    chain = world.pelmenya
    owner, limited = sending(), sending(chain.assigned_manager)
    owner.send_rows(owner.line())
    assert limited.browser.get(owner.here).status_code == 404
    assert limited.send(csv_file([("Номер", "Дата", "Сумма"), ("1", "04.05.2026", "9")], ";")).status_code == 422
    stores = {"store_id": str(chain.assigned_store_id)}
    headings = ("Номер", "Дата", "Сумма", "Склад")
    answer = limited.send(csv_file([headings, ("1", "04.05.2026", "9", f"{chain.marker} store 1")], ";"), **stores)
    assert answer.status_code == 303
    assert "is not among your stores" in limited.details()[2]


def test_another_chain_sees_nothing_of_a_file(sending, world, browse):
    owner = sending()
    owner.send_rows(owner.line())
    stranger = browse(world.vareniki.owner)
    own = stranger.account(f"invoices/files/{owner.here.rpartition('/')[2]}")
    for address in (own, f"{own}/columns", f"{own}/export", f"{own}/progress"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{own}/application", {}).status_code == 404


def test_the_page_of_a_file_costs_as_many_statements_however_long_it_is(sending, statements):
    person = sending()
    totals = []
    for count in (2, 40):
        person.send_rows(*(person.line(f"Н-{count}-{n}", price=str(n), total=f"{n}0") for n in range(1, count + 1)))
        person.page()
        with statements() as counted:
            person.page()
        totals.append(counted.total)
    assert totals[0] == totals[1] <= 12


def test_judging_and_entering_cost_few_statements_however_many_papers(sending, statements):
    person = sending()
    sent, applied = [], []
    for count in (2, 40):
        lines = [person.line(f"П-{count}-{n}", price=str(n), total=f"{n}0") for n in range(1, count + 1)]
        with statements() as counted:
            person.send_rows(*lines)
        sent.append(counted.total)
        with statements() as counted:
            person.apply()
        applied.append(counted.total)
    assert sent[1] <= sent[0] + 3
    assert applied[1] <= applied[0] + 10


def test_chefs_and_viewers_send_no_files(browse, world):
    for person in (world.pelmenya.chef, world.pelmenya.viewer):
        browser = browse(person)
        assert browser.get(browser.account("invoices/files")).status_code == 403
        own = browser.account(f"invoices/files/{world.pelmenya.id_of('invoice_file')}")
        assert [browser.get(own).status_code, browser.post(f"{own}/application", {}).status_code] == [403, 403]


@pytest.mark.parametrize(
    "told",
    [
        {"heading_row": "x"}, {"heading_row": "999"}, {"column_0": "nonsense"}, {"kind": "x"}, {"day": "вчера"},
        {"day": "01.01.9999"}, {"number": "9" * 65}, {"default_rate": "13"}, {"column_0": "total", "column_1": "total"},
        {"number": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_said_of_columns_is_told_and_changes_nothing(sending, told):
    person = sending()
    person.send_rows(person.line())
    usual = {
        "heading_row": "1",
        "kind": "invoice",
        "prices_include_vat": "y",
        "default_rate": "",
        "number": "",
        "day": "",
    }
    names = ("supplier", "number", "day", "description", "unit", "quantity", "price", "total", "rate")
    usual |= {f"column_{place}": name for place, name in enumerate(names)}
    assert person.browser.post(person.here + "/columns", usual | told).status_code == 422
    assert person.results() == {2: "New"}


def test_a_file_that_is_not_kept_any_more_is_told(sending, superuser_sql):
    person = sending()
    person.send_rows(person.line())
    superuser_sql("UPDATE getinn_ops.document SET file_id = NULL WHERE file_name = 'papers.csv'")
    answer = person.browser.post(person.here + "/reading", {"encoding": "cp866", "separator": ";"})
    assert answer.status_code == 303
    assert person.results() == {2: "New"}
    for told in ({"encoding": "x", "separator": "|"}, {}):
        assert person.browser.post(person.here + "/reading", told).status_code == 303
