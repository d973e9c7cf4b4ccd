"""The pages of statements, as people walk through them."""

import io
import re
from datetime import date

import pytest
from psycopg.types.json import Jsonb

from portal.db.base import db
from portal.reconciliations.jobs import compare_statement
from tests.reconciliations.books import Books

FOURTH = date(2026, 5, 4)
ROWS = (
    "Акт сверки\tза период 01.05.2026 - 31.05.2026\n"
    "Дата\tДокумент\tДебет\tКредит\n"
    "Сальдо начальное\t\t0,00\t\n"
    "04.05.2026\tПродажа (УТ-000123 от 04.05.2026)\t15 600,00\t\n"
    "05.05.2026\tПродажа (УТ-124 от 05.05.2026)\t1 800,00\t\n"
    "06.05.2026\tПродажа\t500,00\t\n"
    "20.05.2026\tПродажа (999 от 20.05.2026)\t70,00\t\n"
    "21.05.2026\tОплата (21.05.2026, № 45)\t\t9 000,00\n"
    "Сальдо конечное\t\t8 970,00\t\n"
)


@pytest.fixture
def books(world, superuser_sql):
    return Books(superuser_sql, world.pelmenya).fill()


@pytest.fixture
def owner(browse, world, books):
    return browse(world.pelmenya.owner)


@pytest.fixture
def base(world):
    return f"/accounts/{world.pelmenya.slug}/reconciliations"


def upload(person, base, books, rows=ROWS, **told):
    return person.post(f"{base}/new", {"supplier_id": str(books.supplier_id), "rows": rows, **told})


def opened(person, answer):
    """The page that an upload leads to, and its address."""
    assert answer.status_code == 303, answer.text[:2000]
    return person.get(answer.headers["Location"]), answer.headers["Location"]


def row_of(page, number):
    """The part of a page that shows one row: its id, and its text."""
    parts = page.split('<li class="card statement-row" id="row-')[1:]
    [found] = [each for each in parts if f"<h3>{number}" in each]
    return found[:36], found


def test_a_pasted_statement_is_compared_and_shown_by_how_rows_stand(owner, base, books):
    page, here = opened(owner, upload(owner, base, books))
    text = page.text.replace("\u00a0", " ")
    assert "/new" not in here
    counts = {"matched": 1, "amount_mismatch": 1, "missing_in_restaurant": 1, "missing_in_supplier": 2}
    for status, count in {**counts, "suggested": 1, "not_compared": 1}.items():
        tab = owner.get(f"{here}?status={status}").text
        assert tab.count('class="card statement-row"') == count, status
    assert "The number is the same." in text
    assert "The statement names RUB 900.00 more than we have." in text
    assert "1 suggestion stays open" in text


def test_a_suggestion_is_taken_undone_and_changed_on_the_page(owner, base, books):
    _page, here = opened(owner, upload(owner, base, books))
    item, text = row_of(owner.get(f"{here}?status=suggested").text, "Without a number")
    invoice = re.search(r'name="ids" value="([0-9a-f-]+)"', text)[1]
    match = f"{base}/rows/{item}/match"
    assert owner.post(match, {"ids": invoice}).status_code == 303
    item, text = row_of(owner.get(f"{here}?status=matched").text, "Without a number")
    assert "Our А-1" in text
    assert "Somebody decided it." in text
    assert owner.delete(match).status_code == 303
    assert "Without a number" in owner.get(f"{here}?status=suggested").text
    page = owner.get(f"{base}/rows/{item}")
    assert page.status_code == 200
    assert page.text.index("<strong>А-1</strong>") < page.text.index("<strong>77</strong>")
    both = re.findall(r'name="ids" value="([0-9a-f-]+)"', page.text)
    assert owner.post(match, {"ids": ",".join(both[:2]), "then": "statement"}).headers["Location"].endswith(here)
    assert "Without a number" in owner.get(f"{here}?status=amount_mismatch").text


def test_a_row_is_found_by_the_number_of_an_invoice(owner, base, books):
    books.invoice("СТАРАЯ-5", date(2025, 1, 5), "70.00")
    _page, here = opened(owner, upload(owner, base, books))
    item, _text = row_of(owner.get(f"{here}?status=missing_in_restaurant").text, "999")
    assert "СТАРАЯ-5" not in owner.get(f"{base}/rows/{item}").text
    assert "СТАРАЯ-5" in owner.get(f"{base}/rows/{item}?q=старая").text
    assert "No invoice found" in owner.get(f"{base}/rows/{item}?q=%").text


def test_the_letter_says_what_differs_in_the_suppliers_numbers(owner, base, books, superuser_sql, world):
    _page, here = opened(owner, upload(owner, base, books))
    text = owner.get(f"{here}/letter").text.replace("\u00a0", " ")
    assert "– without a number of 6 May 2026: RUB 500.00 — № А-1 of 6 May 2026: RUB 500.00" in text
    assert "№ 999 of 20 May 2026: RUB 70.00" in text
    assert "№ УТ-124 of 5 May 2026: you have RUB 1,800.00, we have RUB 900.00, the difference is RUB 900.00" in text
    assert "№ 77 of 10 May 2026: RUB 300.00" in text
    assert "By your statement we owe RUB 8,970.00." in text
    assert f"mailto:supplier3@{world.pelmenya.marker}.example?subject=" in text
    assert "УТ-000123" not in text


def test_a_statement_is_completed_once_and_then_only_shown(owner, base, books):
    _page, here = opened(owner, upload(owner, base, books))
    owner.post(f"{here}/completion")
    assert "Some suggestions are not decided." in owner.get(here).text
    owner.post(f"{here}/completion", {"with_suggestions": "y"})
    page = owner.get(here).text
    assert "The statement is completed." in page
    for button in ("Compare anew", "Split or change", "Choose invoices", 'value="DELETE"'):
        assert button not in page
    owner.post(f"{here}/comparison")
    assert "its rows never change" in owner.get(here).text
    assert owner.delete(here).status_code == 303
    assert owner.get(here).status_code == 200


def test_the_same_file_again_leads_to_the_former_comparison_or_a_new_one(owner, base, books):
    _page, here = opened(owner, upload(owner, base, books))
    again = upload(owner, base, books)
    assert again.status_code == 422
    assert "This file was compared on" in again.text
    assert here in again.text
    renewal = re.search(r'action="([^"]+/renewal)"', again.text)[1]
    page, other = opened(owner, owner.post(renewal))
    assert other != here
    assert "УТ-000123" in page.text


def test_what_is_unclear_is_asked_and_remembered(owner, base, books):
    rows = "Когда\tЧто\tПлюс\tМинус\n04.05.2026\tОперация УТ-000123\t15600,00\t\n05.05.2026\tОперация 5\tмного\t\n"
    answer = upload(owner, base, books, rows)
    assert answer.headers["Location"].endswith("/layout")
    layout = answer.headers["Location"]
    page = owner.get(layout)
    assert "No row names the columns." in page.text
    said = {
        "header_row": "1", "column_0": "date", "column_1": "document", "column_2": "debit", "column_3": "credit",
        "period_from": "01.05.2026", "period_to": "31.05.2026",
    }  # fmt: skip
    refused = owner.post(layout, said)
    assert refused.status_code == 422
    assert "Say whose books these are." in refused.text
    refused = owner.post(layout, {**said, "party": "supplier"})
    assert refused.status_code == 422
    assert "tick that they are left out" in refused.text
    page, here = opened(owner, owner.post(layout, {**said, "party": "supplier", "leave_out": "y"}))
    assert "1 row of the file was left out" in page.text
    assert "УТ-000123" in owner.get(f"{here}?status=matched").text
    other = rows.replace("много", "70,00").replace("Операция 5", "Операция 6")
    page, _here = opened(owner, upload(owner, base, books, other, period_from="01.05.2026", period_to="31.05.2026"))
    assert "Операция 6" in page.text


def test_a_statement_that_is_read_another_way_has_other_rows_and_nothing_is_decided_of_them(owner, base, books):
    rows = "Когда\tЧто\tИли\tПлюс\tМинус\n04.05.2026\tОперация 501\tОперация 502\t70,00\t\n"
    layout = upload(owner, base, books, rows).headers["Location"]
    said = {
        "header_row": "1", "party": "supplier", "period_from": "01.05.2026", "period_to": "31.05.2026",
        "column_0": "date", "column_1": "", "column_2": "", "column_3": "debit", "column_4": "credit",
    }  # fmt: skip
    _page, here = opened(owner, owner.post(layout, {**said, "column_1": "document"}))
    item, _text = row_of(owner.get(f"{here}?status=missing_in_restaurant").text, "501")
    owner.post(f"{base}/rows/{item}/match", {"ids": str(books.invoice("503", FOURTH, "70.00"))})
    assert row_of(opened(owner, owner.post(layout, {**said, "column_1": "document"}))[0].text, "501")[0] == item
    page, _here = opened(owner, owner.post(layout, {**said, "column_2": "document"}))
    assert row_of(page.text, "502")
    assert "Somebody decided it." not in page.text


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"rows": ""}, "Choose a file, or paste rows."),
        ({"supplier_id": ""}, "Choose the supplier."),
        ({"period_from": "01.05.2026"}, "Fill in both days"),
        ({"period_from": "02.05.2026", "period_to": "01.05.2026"}, "ends before it begins"),
        ({"period_from": "soon", "period_to": "01.05.2026"}, "Write a day"),
        ({"period_from": "01.01.0001", "period_to": "01.05.2026"}, "Check the year."),
        ({"period_from": "01.05.2026", "period_to": "31.12.9999"}, "Check the year."),
    ],
)
def test_a_bad_upload_is_answered_beside_the_field(owner, base, books, told, said):
    answer = upload(owner, base, books, **told)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("period", ["01.01.0001 - 31.05.2026", "01.05.2026 - 31.12.9999"])
def test_a_period_that_nobody_means_is_asked_for(owner, base, books, period):
    rows = ROWS.replace("01.05.2026 - 31.05.2026", period).replace("20.05.2026", "20.05.0001")
    answer = upload(owner, base, books, rows)
    assert answer.headers["Location"].endswith("/layout")
    page = owner.get(answer.headers["Location"]).text
    assert "The file names no period" in page
    # From the first to the last day of those that somebody may mean.
    assert 'value="04/05/2026"' in page
    assert 'value="21/05/2026"' in page


def test_two_currencies_are_refused_beside_the_rows(owner, base, books):
    rows = "Дата\tДокумент\tДебет\tКредит\tВалюта\n04.05.2026\tПродажа 1\t5\t\tUSD\n04.05.2026\tПродажа 2\t5\t\tEUR\n"
    answer = upload(owner, base, books, rows)
    assert answer.status_code == 422
    assert "in several currencies (EUR, USD)" in answer.text
    assert "Продажа 2" in answer.text


def test_a_file_is_taken_as_well(owner, base, books):
    rows = "\n".join(ROWS.split("\n")[1:]).replace("\t", ";").encode("cp1251")
    file = (io.BytesIO(rows), "акт.csv")
    told = {"supplier_id": str(books.supplier_id), "file": file, "period_from": "01.05.2026", "period_to": "31.05.2026"}
    page, _here = opened(owner, owner.post(f"{base}/new", told))
    assert "УТ-000123" in page.text


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"<html><table></table>", b"", b"MOXCEL\x00\x07\x00"])
def test_what_is_no_table_is_refused_in_words(owner, base, books, data):
    told = {"supplier_id": str(books.supplier_id), "file": (io.BytesIO(data), "акт.xlsx")}
    answer = owner.post(f"{base}/new", told)
    assert answer.status_code == 422
    assert "field__errors" in answer.text


def test_a_long_statement_is_compared_by_the_worker(owner, base, books, superuser_sql, scoped, world):
    rows = "Дата\tДокумент\tДебет\tКредит\n" + "".join(
        f"04.05.2026\tПродажа ({number} от 04.05.2026)\t{number},00\t\n" for number in range(1, 302)
    )
    period = {"period_from": "01.05.2026", "period_to": "31.05.2026"}
    page, here = opened(owner, upload(owner, base, books, rows, **period))
    assert "The statement is being compared." in page.text
    assert owner.get(f"{here}/progress", htmx=True).status_code == 200
    [task] = superuser_sql("SELECT args FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'compare_statement'")
    assert task.args["reconciliation_id"] == here.rpartition("/")[2]
    with scoped(world.pelmenya.account_id):
        compare_statement.function(**task.args)
        db.session.commit()
    page = owner.get(f"{here}?status=missing_in_restaurant").text
    assert "The statement is being compared." not in page
    assert page.count('class="card statement-row"') == 50


def test_a_comparison_that_fails_says_so_and_can_be_tried_again(owner, base, books, superuser_sql, scoped, world):
    _page, here = opened(owner, upload(owner, base, books))
    told = {"id": here.rpartition("/")[2]}
    [kept] = superuser_sql("SELECT details FROM getinn_ops.reconciliation WHERE id = %(id)s", told)
    change = "UPDATE getinn_ops.reconciliation SET status = 'in_progress', details = %(details)s WHERE id = %(id)s"
    superuser_sql(change, {**told, "details": Jsonb({})})
    with scoped(world.pelmenya.account_id), pytest.raises(KeyError):
        compare_statement.function(reconciliation_id=told["id"], account_id=str(world.pelmenya.account_id))
    assert "The comparison failed." in owner.get(here).text
    superuser_sql(change, {**told, "details": Jsonb(kept.details)})
    owner.post(f"{here}/comparison")
    assert "Compared anew." in owner.get(here).text


def test_the_export_names_rows_reasons_and_our_invoices(owner, base, books):
    _page, here = opened(owner, upload(owner, base, books))
    answer = owner.get(f"{here}/export")
    lines = answer.data.decode("utf-8-sig").replace("\u00a0", " ").splitlines()
    assert len(lines) == 8
    [told] = [line for line in lines if "УТ-124" in line]
    assert "УТ-000124" in told
    assert ",1800," in told
    assert "The statement names RUB 900.00 more than we have." in told


def test_who_may_do_what(browse, world, books, owner, base):
    _page, here = opened(owner, upload(owner, base, books))
    viewer, chef, manager = (browse(getattr(world.pelmenya, name)) for name in ("viewer", "chef", "assigned_manager"))
    assert viewer.get(here).status_code == 200
    assert "/completion" not in viewer.get(here).text
    assert viewer.post(f"{here}/completion").status_code == 403
    assert chef.get(base).status_code == 403
    assert manager.get(here).status_code == 404
    own_id, nobody = here.rpartition("/")[2], "00000000-0000-4000-8000-000000000000"
    assert manager.get(here).text.replace(own_id, nobody) == manager.get(here.replace(own_id, nobody)).text
    refused = upload(manager, base, books)
    assert refused.status_code == 422
    assert "Choose the restaurant" in refused.text
    place = {"restaurant_id": str(world.pelmenya.assigned_restaurant_id)}
    page, _own = opened(manager, upload(manager, base, books, ROWS.replace("999", "998"), **place))
    assert "УТ-000123" in page.text


def test_ids_of_another_chain_are_not_found(owner, base, books, world):
    _page, here = opened(owner, upload(owner, base, books))
    item, _text = row_of(owner.get(f"{here}?status=missing_in_restaurant").text, "999")
    foreign = world.vareniki
    assert owner.post(f"{base}/rows/{item}/match", {"ids": str(foreign.id_of("invoice"))}).status_code == 404
    assert owner.post(f"{base}/rows/{foreign.id_of('reconciliation_item')}/match", {"ids": item}).status_code == 404
    assert owner.get(f"{base}/{foreign.id_of('reconciliation')}").status_code == 404
    answer = upload(owner, base, books, supplier_id=str(foreign.id_of("supplier")))
    assert answer.status_code == 422


def test_a_row_is_no_invoice_that_the_statement_is_not_compared_with(owner, base, books, superuser_sql, world):
    _page, here = opened(owner, upload(owner, base, books))
    item, _text = row_of(owner.get(f"{here}?status=missing_in_restaurant").text, "999")
    match = f"{base}/rows/{item}/match"
    for number, told in (("500", {"currency": "USD"}), ("501", {"status": "draft"})):
        assert owner.post(match, {"ids": str(books.invoice(number, FOURTH, "70.00", **told))}).status_code == 404
    assert owner.post(match, {"ids": str(world.pelmenya.id_of("invoice"))}).status_code == 404
    owner.post(match, {"ids": str(books.invoice("502", FOURTH, "70.00", status="cancelled"))})
    page = owner.get(f"{here}?status=missing_in_restaurant").text
    assert "This invoice was cancelled." in page
    assert row_of(page, "999")


def test_nothing_is_decided_on_money_and_on_what_the_statement_lacks(owner, base, books):
    _page, here = opened(owner, upload(owner, base, books))
    paid, _text = row_of(owner.get(f"{here}?status=not_compared").text, "45")
    lacking, _text = row_of(owner.get(f"{here}?status=missing_in_supplier").text, "77")
    paper = str(books.invoice("503", FOURTH, "70.00"))
    for item in (paid, lacking):
        assert owner.get(f"{base}/rows/{item}").headers["Location"].endswith(here)
        assert owner.post(f"{base}/rows/{item}/match", {"ids": paper}).status_code == 404
        assert owner.delete(f"{base}/rows/{item}/match").status_code == 404
    assert row_of(owner.get(f"{here}?status=not_compared").text, "45")


@pytest.mark.parametrize("many", [1, 40])
def test_the_pages_ask_as_much_however_many_rows_there_are(owner, base, books, statements, many):
    rows = "Дата\tДокумент\tДебет\tКредит\n" + "".join(
        f"04.05.2026\tПродажа\t{number},00\t\n" for number in range(1, many + 1)
    )
    for number in range(1, many + 1):
        books.invoice(f"M-{number}", FOURTH, f"{number}.00")
    period = {"period_from": "01.05.2026", "period_to": "31.05.2026"}
    _page, here = opened(owner, upload(owner, base, books, rows, **period))
    owner.get(here)
    with statements() as counted:
        owner.get(here)
    assert len(counted.statements) == 7
    with statements() as counted:
        owner.get(base)
    assert len(counted.statements) == 2
