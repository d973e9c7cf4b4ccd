"""The page of an invoice: how its numbers came about, changing, paying, cancelling, and decisions about it."""

import csv
import io
import re
from decimal import Decimal

import pytest


@pytest.fixture
def invoice_id(world):
    return world.pelmenya.id_of("invoice")


@pytest.fixture
def here(owner, invoice_id):
    return owner.account(f"invoices/{invoice_id}")


@pytest.fixture
def status(superuser_sql, invoice_id):
    def read():
        return superuser_sql("SELECT * FROM getinn_ops.invoice WHERE id = %s", [invoice_id])[0]

    return read


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def test_the_numbers_explain_themselves(owner, here):
    page = text_of(owner.get(here).text)
    assert "RUB 1,092.00 ÷ 10.92 kg = RUB 100.00 / kg" in page
    assert "The VAT is not deducted, so it is part of the cost." in page
    assert "RUB 1,092.00 = RUB 1,092.00" in page
    assert "VAT 10 % RUB 99.27" in page
    assert "Without VAT RUB 992.73" in page


def test_a_line_without_a_way_to_its_unit_costs_a_dash(owner, here, superuser_sql):
    superuser_sql("UPDATE getinn_ops.invoice_item SET base_quantity = NULL")
    assert "÷" not in owner.get(here).text


def test_what_is_to_be_decided_stands_beside_its_line_with_the_other_paper(owner, here, superuser_sql, world):
    other = world.pelmenya.id_of("invoice_item", 2)
    superuser_sql(
        "UPDATE getinn_ops.invoice_exception SET evidence = evidence || jsonb_build_object('line_id', %s::text)",
        [str(other)],
    )
    page = owner.get(here).text
    line = page.partition('id="line-')[2].partition("</tr>")[0]
    assert "Price leapt" in line
    assert f'invoices/{world.pelmenya.id_of("invoice", 2)}"' in line
    assert "zqpelmenya-2 of 04/05/2026: RUB\u00a01,092.00" in line


def test_a_paper_of_a_restaurant_that_the_person_does_not_see_is_not_named(browse, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.invoice_exception SET evidence = evidence || jsonb_build_object('line_id', %s::text)",
        [str(world.pelmenya.id_of("invoice_item"))],
    )
    manager = browse(world.pelmenya.assigned_manager)
    page = manager.get(manager.account(f"invoices/{world.pelmenya.id_of('invoice', 2)}")).text
    assert "Price leapt" in page
    assert str(world.pelmenya.id_of("invoice", 1)) not in page
    assert manager.get(manager.account(f"invoices/{world.pelmenya.id_of('invoice', 1)}")).status_code == 404


def test_saving_an_invoice_as_it_is_asks_nothing_and_changes_nothing(owner, paper, here, status):
    before = status()
    form = paper.read(owner.get(f"{here}/edit").text)
    assert owner.post(f"{here}/edit", form).status_code == 303
    after = status()
    assert (after.total_amount, after.status, after.vat_total) == (before.total_amount, "active", before.vat_total)


def test_changing_lines_that_count_is_asked_about_first(owner, paper, here, status, superuser_sql, invoice_id):
    form = paper.read(owner.get(f"{here}/edit").text)
    [key] = form["lines"]
    form |= {f"lines-{key}-quantity": "10"}
    answer = owner.post(f"{here}/edit", form)
    assert answer.status_code == 422
    assert "Its lines count already" in answer.text
    sure = answer.text.partition('name="_sure" value="')[2].partition('"')[0]
    assert owner.post(f"{here}/edit", form | {"_sure": sure}).status_code == 303
    # The total was not typed: it follows the quantity.
    assert status().total_amount == Decimal("910.00")
    [line] = superuser_sql("SELECT * FROM getinn_ops.invoice_item WHERE invoice_id = %s", [invoice_id])
    assert (line.base_quantity, line.vat_amount) == (Decimal("9.100000"), Decimal("82.73"))


def test_two_people_at_one_paper_merge(owner, paper, here, browse, world, status, superuser_sql, invoice_id):
    form = paper.read(owner.get(f"{here}/edit").text)
    [key] = form["lines"]
    other = browse(world.pelmenya.manager)
    assert other.post(f"{here}/edit", form | {"due_date": "01/06/2026"}).status_code == 303
    renamed = form | {f"lines-{key}-description": "Butter 82 %"}
    answer = owner.post(f"{here}/edit", renamed)
    sure = answer.text.partition('name="_sure" value="')[2].partition('"')[0]
    assert owner.post(f"{here}/edit", paper.read(answer.text) | {"_sure": sure}).status_code == 303
    assert str(status().due_date) == "2026-06-01"
    [line] = superuser_sql("SELECT * FROM getinn_ops.invoice_item WHERE invoice_id = %s", [invoice_id])
    assert line.description == "Butter 82 %"
    assert line.id == world.pelmenya.id_of("invoice_item")


def test_a_field_that_two_people_changed_is_asked_about(owner, paper, here, browse, world, status):
    form = paper.read(owner.get(f"{here}/edit").text)
    other = browse(world.pelmenya.manager)
    assert other.post(f"{here}/edit", form | {"invoice_number": "T-1"}).status_code == 303
    answer = owner.post(f"{here}/edit", form | {"invoice_number": "M-1"})
    assert answer.status_code == 409
    assert "T-1" in answer.text
    assert status().invoice_number == "T-1"


def test_it_is_paid_and_that_is_taken_back(owner, here, status):
    assert owner.post(f"{here}/payment").status_code == 303
    assert status().status == "paid"
    assert owner.post(f"{here}/payment", {"_method": "DELETE"}).status_code == 303
    assert status().status == "active"


def test_cancelling_takes_a_reason_and_makes_it_read_only(owner, here, status, superuser_sql):
    assert owner.post(f"{here}/cancellation", {"reason": " "}).status_code == 422
    owner.post(f"{here}/payment")
    assert "It is noted as paid." in owner.get(f"{here}/cancellation").text
    assert owner.post(f"{here}/cancellation", {"reason": "never came"}).status_code == 303
    assert (status().status, status().cancel_reason) == ("cancelled", "never came")
    page = owner.get(here).text
    assert "never came" in page
    assert "/edit" not in page
    assert owner.get(f"{here}/edit").status_code == 303
    assert owner.get(f"{here}/cancellation").status_code == 303
    assert superuser_sql("SELECT 1 FROM getinn_ops.inventory_item_price_history WHERE voided_at IS NOT NULL")


def test_what_iiko_keeps_is_changed_there(owner, here, superuser_sql, invoice_id):
    superuser_sql("UPDATE getinn_ops.invoice SET source = 'iiko', iiko_id = 'x' WHERE id = %s", [invoice_id])
    answer = owner.get(f"{here}/edit")
    assert answer.status_code == 303
    assert "comes from iiko. Change it there" in owner.get(here).text


def test_a_paper_longer_than_the_form_is_not_cut_by_it(owner, here, superuser_sql, invoice_id):
    superuser_sql(
        "INSERT INTO getinn_ops.invoice_item (account_id, invoice_id, position, description, quantity, unit_price,"
        " line_total) SELECT account_id, id, n, 'free', 1, 0, 0 FROM getinn_ops.invoice, generate_series(2, 210) n"
        " WHERE id = %s",
        [invoice_id],
    )
    assert owner.get(f"{here}/edit").status_code == 303
    assert "more than 200 rows" in owner.get(here).text


@pytest.fixture
def exception_path(owner, world):
    return owner.account(f"invoices/exceptions/{world.pelmenya.id_of('invoice_exception')}")


def test_a_decision_takes_a_reason_and_stands_in_the_log(owner, here, exception_path, superuser_sql, world):
    refused = owner.post(f"{exception_path}/decision", {"state": "disputed", "reason": ""})
    assert refused.status_code == 422
    assert owner.post(f"{exception_path}/decision", {"state": "open", "reason": "x"}).status_code == 422
    told = {"state": "disputed", "reason": "They promised the old price"}
    answer = owner.post(f"{exception_path}/decision?then={here}", told)
    assert (answer.status_code, answer.location) == (303, here)
    page = owner.get(here).text
    assert "They promised the old price" in page
    assert "1 exception was settled" in page
    [row] = superuser_sql(
        "SELECT state, reason FROM getinn_ops.invoice_exception WHERE id = %s",
        [world.pelmenya.id_of("invoice_exception")],
    )
    assert (row.state, row.reason) == ("disputed", "They promised the old price")
    [event] = superuser_sql("SELECT after FROM getinn_ops.audit_event WHERE action = 'decided'")
    assert event.after["decision_reason"] == "They promised the old price"


@pytest.mark.parametrize(("role", "status"), [("manager", 303), ("chef", 403), ("viewer", 403)])
def test_owners_and_managers_decide(browse, world, exception_path, role, status):
    browser = browse(getattr(world.pelmenya, role))
    assert browser.get(exception_path).status_code == 200
    answer = browser.post(f"{exception_path}/decision", {"state": "accepted", "reason": "fine"})
    assert answer.status_code == status


def test_accepting_the_total_makes_a_draft_count(paper, owner, stored, superuser_sql):
    paper.send({}, stated_total="110")
    invoice, _lines = stored()
    [exception] = superuser_sql("SELECT * FROM getinn_ops.invoice_exception WHERE invoice_id = %s", [invoice.id])
    path = owner.account(f"invoices/exceptions/{exception.id}/decision")
    assert owner.post(path, {"state": "accepted", "reason": "They added delivery"}).status_code == 303
    assert stored()[0].status == "active"


def test_a_possible_double_is_decided_with_both_papers_side_by_side(browse, world, superuser_sql, exception_path):
    chain = world.pelmenya
    evidence = f'{{"invoice_id": "{chain.id_of("invoice", 2)}"}}'
    superuser_sql(
        "UPDATE getinn_ops.invoice_exception SET kind = 'duplicate', evidence = %s, invoice_item_id = NULL"
        " WHERE id = %s",
        [evidence, chain.id_of("invoice_exception")],
    )
    text = browse(chain.owner).get(exception_path).text
    papers = text.split('class="likeness__paper"')[1:]
    assert [f"{chain.marker}-{number}" in paper for number, paper in enumerate(papers, 1)] == [True, True]
    # Of the five things that a paper says the supplier, the day and the total.
    assert text.count('class="likeness__same"') == 6
    # Whoever works in the restaurant of one of them sees nothing of the other.
    assert "likeness__paper" not in browse(chain.assigned_manager).get(exception_path).text


def rows_of(answer):
    return re.findall(r'<tr id="row-([0-9a-f-]+)"', answer.text)


def test_exceptions_are_listed_by_money_at_stake(owner, world, superuser_sql):
    first, second = (world.pelmenya.id_of("invoice_exception", number) for number in (1, 2))
    superuser_sql("UPDATE getinn_ops.invoice_exception SET money_at_stake = 5000 WHERE id = %s", [second])
    path = owner.account("invoices/exceptions")
    assert rows_of(owner.get(path)) == [str(second), str(first)]
    assert rows_of(owner.get(f"{path}?restaurant_id={world.pelmenya.restaurant_id}")) == [str(first)]
    assert rows_of(owner.get(f"{path}?kind=vat")) == []
    assert rows_of(owner.get(f"{path}?q=butter")) == [str(second), str(first)]
    owner.post(f"{path}/{second}/decision", {"state": "accepted", "reason": "fine"})
    assert rows_of(owner.get(path)) == [str(first)]
    assert rows_of(owner.get(f"{path}?state=accepted")) == [str(second)]


def test_the_list_of_invoices_is_narrowed_by_all_that_matters(owner, world):
    first, second, draft = (str(world.pelmenya.id_of("invoice", number)) for number in (1, 2, 3))
    path = owner.account("invoices")

    def found(query):
        return set(rows_of(owner.get(f"{path}?{query}")))

    assert found("") == {first, second, draft}
    assert found("status=draft") == {draft}
    assert found(f"restaurant_id={world.pelmenya.assigned_restaurant_id}") == {second}
    assert found(f"supplier_id={world.pelmenya.id_of('supplier', 3)}") == {draft}
    assert found("exception=open") == found("exception=price_shock") == {first, second}
    assert found("exception=vat") == found("source=iiko") == set()
    assert found("from=2026-05-04&until=04.05.2026") == {first, second, draft}
    assert found("from=2026-05-05") == found("until=2026-05-03") == set()
    assert found("q=zqpelmenya-2") == {second}
    owner.post(f"{path}/{first}/cancellation", {"reason": "gone"})
    assert found("") == {second, draft}
    assert found("status=cancelled") == {first}


def test_the_file_of_the_list_holds_numbers_and_defused_texts(owner, paper):
    paper.send({"quantity": "1"}, kind="credit_note", invoice_number="=1+1")
    answer = owner.get(owner.account("invoices/export"))
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    [row] = [each for each in rows if each["Kind"] == "Credit note"]
    assert (row["Number"], row["Total"], row["Currency"]) == ("'=1+1", "-100", "RUB")
    assert row["Date"] == "2026-05-04"
    assert owner.get(owner.account("invoices/exceptions/export")).status_code == 200


def test_nobody_who_is_limited_sees_papers_of_other_restaurants(browse, world):
    manager = browse(world.pelmenya.assigned_manager)
    assert rows_of(manager.get(manager.account("invoices"))) == [str(world.pelmenya.id_of("invoice", 2))]
    assert rows_of(manager.get(manager.account("invoices/exceptions"))) == [
        str(world.pelmenya.id_of("invoice_exception", 2))
    ]
    path = manager.account(f"invoices/exceptions/{world.pelmenya.id_of('invoice_exception', 1)}")
    assert manager.get(path).status_code == 404
    assert manager.post(f"{path}/decision", {"state": "accepted", "reason": "x"}).status_code == 404


def test_no_page_costs_more_statements_with_more_lines_exceptions_and_papers(
    owner, here, statements, superuser_sql, invoice_id
):
    pages = [here, f"{here}/edit", owner.account("invoices"), owner.account("invoices/exceptions")]

    def costs():
        found = []
        for path in pages:
            owner.get(path)
            with statements() as counted:
                assert owner.get(path).status_code == 200
            found.append(counted.total)
        return found

    before = costs()
    copied = "account_id, inventory_item_id, description, quantity, unit_id, unit_price, vat_rate"
    superuser_sql(
        f"INSERT INTO getinn_ops.invoice_item (invoice_id, position, line_total, {copied})"
        f" SELECT invoice_id, n, 0, {copied} FROM getinn_ops.invoice_item, generate_series(2, 40) n"
        " WHERE invoice_id = %s",
        [invoice_id],
    )
    superuser_sql(
        "INSERT INTO getinn_ops.invoice_exception (account_id, invoice_id, invoice_item_id, kind, money_at_stake)"
        " SELECT account_id, invoice_id, id, 'unit_missing', 5 FROM getinn_ops.invoice_item WHERE invoice_id = %s",
        [invoice_id],
    )
    head = "account_id, supplier_id, restaurant_id, store_id, invoice_date, currency"
    superuser_sql(
        f"INSERT INTO getinn_ops.invoice (invoice_number, {head})"
        f" SELECT 'D-' || n, {head} FROM getinn_ops.invoice, generate_series(1, 60) n WHERE id = %s",
        [invoice_id],
    )
    assert costs() == before
