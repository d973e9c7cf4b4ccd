"""A supplier's paper is typed in: what it comes to, what is refused, and that nothing typed is lost."""

from decimal import Decimal

import pytest


def test_a_paper_with_three_rates_of_vat_is_kept_as_it_is_typed(paper, stored):
    rows = [
        {"unit_price": "480,00", "vat_rate": "10"},
        {"unit_price": "610.00", "vat_rate": "22"},
        {"unit_price": "150", "vat_rate": "none"},
    ]
    assert paper.send(*rows, stated_total="1 240,00").status_code == 303
    invoice, lines = stored()
    assert (invoice.total_amount, invoice.vat_total) == (Decimal("1240.00"), Decimal("153.64"))
    assert [line.vat_amount for line in lines] == [Decimal("43.64"), Decimal("110.00"), Decimal("0.00")]
    assert [line.vat_rate for line in lines] == [Decimal(10), Decimal(22), None]
    assert invoice.status == "active"


def test_prices_without_vat_and_a_discount_are_reckoned_line_by_line(paper, stored):
    row = {"quantity": "16", "unit_price": "348,35", "discount": "222,94", "vat_rate": "22"}
    assert paper.send(row, prices_include_vat="").status_code == 303
    _invoice, [line] = stored()
    assert (line.line_total, line.vat_amount) == (Decimal("6527.81"), Decimal("1177.15"))


def test_what_the_paper_states_is_stored_as_stated(paper, stored):
    row = {"unit_price": "1050", "line_total": "1050", "vat_rate": "20", "vat_amount": "210,00"}
    assert paper.send(row).status_code == 303
    _invoice, [line] = stored()
    assert line.vat_amount == Decimal("210.00")


def test_a_row_with_a_total_and_no_price_gets_its_price(paper, stored):
    assert paper.send({"quantity": "2,315", "unit_price": "", "line_total": "439,62"}).status_code == 303
    _invoice, [line] = stored()
    assert (line.unit_price, line.line_total) == (Decimal("189.9006"), Decimal("439.62"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("quantity", "0", "This cannot be 0."),
        ("quantity", "two", "Write a number, such as 1234.5."),
        ("quantity", "1e400", "Write a number, such as 1234.5."),
        ("quantity", "NaN", "Write a number, such as 1234.5."),
        ("quantity", "0,12345", "At most 4 decimals."),
        ("quantity", "-1", "Enter it as a credit note."),
        ("quantity", "", "Fill this in."),
        ("quantity", "9" * 30, "This number is too large"),
        ("unit_price", "", "Write the price, or the total of the row."),
        ("unit_price", "-1", "This cannot be less than 0."),
        ("unit_price", "0,00001", "At most 4 decimals."),
        ("line_total", "-5", "Enter it as a credit note."),
        ("line_total", "5,005", "At most 2 decimals."),
        ("discount", "-5", "Enter it as a credit note."),
        ("discount", "much", "Write a number, such as 1234.5."),
        ("vat_rate", "", "Choose the rate, or no VAT."),
        ("vat_rate", "100", "Choose the rate, or no VAT."),
        ("vat_rate", "1e1", "Choose the rate, or no VAT."),
        ("vat_amount", "x", "Write a number, such as 1234.5."),
        ("description", "", "Fill this in."),
        ("description", "x" * 501, "This is too long: at most 500 characters."),
        ("description", "a\0b", "This contains characters that cannot be stored."),
        ("inventory_item_id", "No such thing", "There is no item of this name."),
        ("inventory_item_id", "zqpelmenya item 2", "This item is archived."),
        ("inventory_item_id", "zqvareniki item 1", "There is no item of this name."),
        ("unit_id", "parsec", "There is no unit like this."),
    ],
)
def test_a_fault_stands_at_its_field_and_what_was_typed_stays(paper, stored, name, value, told):
    answer = paper.send({name: value})
    assert answer.status_code == 422
    field = answer.text.partition(f'id="field-lines-n1-{name}"')[2].partition('<div class="field')[0]
    assert told in field
    if value and name != "vat_rate" and "\0" not in value:
        assert f'value="{value}"' in field or name == "description"
    assert stored() == (None, [])


@pytest.mark.parametrize("typed", ["9223372036854775808", "9" * 39, "1e400", "NaN", "-1", "0,00000001"])
def test_no_number_is_too_large_to_be_shown_again(paper, typed):
    numbers = dict.fromkeys(("quantity", "unit_price", "line_total", "discount", "vat_amount"), typed)
    for told in ({"lines_command": "add"}, {"lines_command": "recount"}, {}):
        answer = paper.send(numbers, stated_total=typed, **told)
        assert answer.status_code in (200, 422)
        assert "recount" in told.values() or f'value="{typed}"' in answer.text


def test_vat_of_a_row_without_vat_is_refused(paper):
    answer = paper.send({"vat_rate": "none", "vat_amount": "5"})
    assert answer.status_code == 422
    assert "Without VAT there is no amount of it." in answer.text


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("invoice_date", "04/05/1926", "Check the year."),
        ("invoice_date", "04/05/2099", "This is more than 31 days ahead. Check the year."),
        ("invoice_date", "soon", "Write a day, such as"),
        ("invoice_date", "", "Fill this in."),
        ("invoice_number", "x" * 65, "This is too long: at most 64 characters."),
        ("invoice_number", "///", "Write the number, or nothing where the paper has none."),
        ("stated_total", "much", "Write a number, such as 1234.5."),
        ("supplier_id", "", "Choose the supplier."),
        ("store_id", "", "Choose the store."),
        ("currency", "XXX", "Not a valid choice"),
        ("kind", "gift", "Not a valid choice"),
    ],
)
def test_a_fault_in_the_head_stands_at_its_field(paper, stored, name, value, told):
    answer = paper.send({"description": "Kept words"}, **{name: value})
    assert answer.status_code == 422
    assert told in answer.text.partition(f'id="field-{name}"')[2].partition('<div class="field')[0]
    assert 'value="Kept words"' in answer.text
    assert stored(value or "Z-77") == (None, [])


@pytest.mark.parametrize("number", ["б/н", "-", ""])
def test_a_paper_without_a_number_has_an_empty_key(paper, stored, number):
    assert paper.send({}, invoice_number=number).status_code == 303
    invoice, _lines = stored(number)
    assert invoice.number_key == ""


def test_a_paper_without_rows_is_refused(paper):
    answer = paper.send()
    assert answer.status_code == 422
    assert "Write at least one row." in answer.text


def test_a_total_that_is_not_the_sum_of_the_lines_makes_a_draft_with_both_numbers(paper, owner, stored):
    answer = paper.send({"unit_price": "920,35"}, stated_total="925")
    assert answer.status_code == 303
    invoice, _lines = stored()
    assert (invoice.status, invoice.stated_total, invoice.total_amount) == ("draft", Decimal(925), Decimal("920.35"))
    page = owner.get(answer.location).text
    assert "Kept as a draft" in page
    assert "RUB\u00a0925.00" in page
    assert "RUB\u00a0920.35" in page


def test_a_kopeck_of_rounding_is_no_reason_to_wait(paper, stored):
    rows = [{"unit_price": "707,02", "vat_rate": "19"}, {"unit_price": "66,39", "vat_rate": "19"}]
    assert paper.send(*rows, prices_include_vat="", stated_total="920,36").status_code == 303
    invoice, _lines = stored()
    assert (invoice.status, invoice.total_amount, invoice.vat_total) == (
        "active",
        Decimal("920.35"),
        Decimal("146.94"),
    )


def test_a_draft_is_kept_as_long_as_one_wants_and_counts_once_it_is_saved(paper, owner, stored, world):
    assert paper.send({}, as_draft="1").status_code == 303
    invoice, _lines = stored()
    assert invoice.status == "draft"
    path = owner.account(f"invoices/{invoice.id}/edit")
    assert owner.post(path, paper.read(owner.get(path).text)).status_code == 303
    assert stored()[0].status == "active"


def test_a_day_of_payment_before_the_papers_own_is_asked_about_once(paper, stored):
    answer = paper.send({}, due_date="01/05/2026")
    assert answer.status_code == 422
    assert "It is to be paid before its own date. Send it once more if that is meant." in answer.text
    assert stored() == (None, [])
    sure = answer.text.partition('name="_sure" value="')[2].partition('"')[0]
    assert paper.send({}, due_date="01/05/2026", _sure=sure).status_code == 303


@pytest.mark.parametrize("typed", ["kg", "KG", "kilogram", "кг", "166", "кг."])
def test_a_unit_is_known_by_whatever_papers_call_it(paper, stored, world, typed):
    assert paper.send({"unit_id": typed}).status_code == 303
    _invoice, [line] = stored()
    assert line.unit_id == world.pelmenya.id_of("unit")


@pytest.mark.parametrize("typed", ["zqpelmenya item 1", "  ZQPELMENYA   item 1 ", "zqpelmenya-1"])
def test_an_item_is_known_by_its_name_or_article(paper, stored, world, typed):
    assert paper.send({"inventory_item_id": typed, "description": ""}).status_code == 303
    _invoice, [line] = stored()
    assert line.inventory_item_id == world.pelmenya.id_of("inventory_item")
    assert line.description == "zqpelmenya item 1"


def test_what_the_supplier_calls_an_item_is_recognised_while_one_types(paper, stored, world):
    answer = paper.send({"description": "zqpelmenya butter"}, lines_command="recount", htmx=True).text
    assert "Known as: zqpelmenya item 1" in answer
    assert paper.send({"description": "zqpelmenya butter", "unit_id": "pack"}).status_code == 303
    _invoice, [line] = stored()
    assert line.inventory_item_id == world.pelmenya.id_of("inventory_item")
    assert line.base_quantity == Decimal("0.910000")


def test_the_units_of_the_item_come_first_among_what_is_suggested(paper):
    answer = paper.send({"inventory_item_id": "zqpelmenya item 1"}, lines_command="recount", htmx=True).text
    units = answer.partition('hx-target="#lines-n1-units"')[2].partition("</hx-partial>")[0]
    assert units.index('value="kg"') < units.index('value="pack"') < units.index('value="g"')


def test_the_field_of_an_item_suggests_those_of_the_own_chain_that_are_in_use(owner):
    answer = owner.get(owner.account("invoices/items?lines-n1-inventory_item_id=ITEM")).text
    assert 'value="zqpelmenya item 1"' in answer
    assert "item 2" not in answer
    assert "zqvareniki" not in answer
    assert owner.get(owner.account("invoices/items?lines-n1-inventory_item_id=%25")).text.strip() == ""


def test_what_a_row_comes_to_is_told_at_once(paper):
    answer = paper.send({"unit_price": "1000", "vat_rate": "22"}, lines_command="recount", htmx=True).text
    assert "RUB\u00a01,000.00, VAT RUB\u00a0180.33" in answer
    assert "RUB\u00a0819.67" in answer
    assert "<input" not in answer


@pytest.mark.parametrize("htmx", [False, True])
def test_a_new_row_takes_the_rate_over_and_nothing_typed_is_lost(paper, htmx):
    answer = paper.send({"quantity": "two", "vat_rate": "22"}, lines_command="add", htmx=htmx)
    assert answer.status_code == 200
    assert ("<html" in answer.text) is not htmx
    assert 'value="two"' in answer.text
    assert answer.text.count('<option selected value="22">') == 2
    assert answer.text.count("autofocus") == 1


def test_an_untouched_last_row_is_left_out(paper, stored):
    empty = dict.fromkeys(("description", "quantity", "unit_price"), "")
    assert paper.send({}, empty).status_code == 303
    assert len(stored()[1]) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_pasted_rows_become_rows_of_the_form(paper, stored, htmx):
    text = "Наименование\tКол-во\tЕд.\tЦена\tНДС\tСумма\nМолоко\t12\tкг\t81,97\t10%\t983,64\nСыр\tмного\tкг\t5\t10%\t"
    answer = paper.send({}, lines_pasted=text, lines_command="paste", htmx=htmx)
    assert answer.status_code == 200
    for told in ("Butter", "Молоко", "81,97", "983,64", "много"):
        assert f'value="{told}"' in answer.text
    assert "Write a number, such as 1234.5." in answer.text
    assert stored() == (None, [])


def test_pasted_text_without_rows_stays_and_says_so(paper):
    answer = paper.send({}, lines_pasted="Итого <всё>\t\t", lines_command="paste").text
    assert "There are no rows in it." in answer
    assert "Итого &lt;всё&gt;" in answer


def test_more_rows_than_the_form_holds_are_not_pasted(paper):
    answer = paper.send({}, lines_pasted="Milk\t2\n" * 250, lines_command="paste").text
    assert "At most 200 rows. Import a longer paper as a file." in answer
    assert answer.count('name="lines" value=') == 1


def test_references_to_another_chain_are_refused_like_those_to_nothing(paper, owner, world, stored):
    vareniki = world.vareniki
    for name, table in (("supplier_id", "supplier"), ("store_id", "store")):
        foreign = paper.send({}, **{name: str(vareniki.id_of(table))})
        nobody = paper.send({}, **{name: "00000000-0000-4000-8000-000000000000"})
        assert foreign.status_code == nobody.status_code == 422
    for name, table in (("document_id", "document"), ("credit_of", "invoice")):
        for told in (vareniki.id_of(table), "00000000-0000-4000-8000-000000000000", "x"):
            assert owner.get(f"{paper.path}?{name}={told}").status_code == 404
    assert stored() == (None, [])


def test_a_supplier_that_is_archived_is_not_offered(paper, world):
    answer = paper.send({}, supplier_id=str(world.pelmenya.id_of("supplier", 2)))
    assert answer.status_code == 422


@pytest.mark.parametrize(("role", "status"), [("manager", 303), ("chef", 403), ("viewer", 403)])
def test_papers_are_entered_by_owners_and_managers(browse, world, paper, role, status):
    paper.browser = browse(getattr(world.pelmenya, role))
    assert paper.send({}).status_code == status


def test_a_manager_enters_papers_of_the_assigned_restaurants_alone(browse, world, paper, stored):
    paper.browser = browse(world.pelmenya.assigned_manager)
    assert paper.send({}).status_code == 422
    assert paper.send({}, store_id=str(world.pelmenya.assigned_store_id)).status_code == 303
    assert stored()[0].restaurant_id == world.pelmenya.assigned_restaurant_id


def test_a_credit_note_gives_back_whatever_its_signs(paper, stored):
    assert paper.send({"quantity": "2"}, {"quantity": "1"}, kind="credit_note").status_code == 303
    invoice, lines = stored()
    assert invoice.total_amount == Decimal("-300.00")
    assert [line.quantity for line in lines] == [Decimal(-2), Decimal(-1)]
    assert invoice.vat_total == Decimal("-27.27")


def test_a_credit_note_that_takes_more_than_it_gives_is_refused(paper):
    answer = paper.send({"quantity": "-1"}, {"quantity": "3"}, kind="credit_note")
    assert answer.status_code == 422
    assert "A credit note gives back more than it takes" in answer.text


def test_a_credit_note_is_filled_in_with_what_is_given_back(paper, owner, world, stored):
    path = f"{paper.path}?credit_of={world.pelmenya.id_of('invoice')}"
    form = paper.read(owner.get(path).text)
    assert form["kind"] == "credit_note"
    [key] = form["lines"]
    assert (form[f"lines-{key}-quantity"], form[f"lines-{key}-line_total"]) == ("-12", "-1092")
    assert owner.post(path, form | {"invoice_number": "K-1", "invoice_date": "05/05/2026"}).status_code == 303
    invoice, [line] = stored("K-1")
    assert (invoice.total_amount, line.base_quantity) == (Decimal("-1092.00"), Decimal("-10.920000"))


def test_a_supplier_that_was_merged_leads_to_the_other_one(paper, world, superuser_sql):
    one, other = (world.pelmenya.id_of("supplier", number) for number in (1, 3))
    superuser_sql("UPDATE getinn_ops.supplier SET merged_into_id = %s, is_active = false WHERE id = %s", [other, one])
    answer = paper.send({"description": "Kept words"})
    assert answer.status_code == 422
    field = answer.text.partition('id="field-supplier_id"')[2].partition('<div class="field')[0]
    assert f'Merged into <a href="/accounts/pelmenya/suppliers/{other}">zqpelmenya supplier 3</a>.' in field
    assert 'value="Kept words"' in answer.text


def test_a_paper_is_typed_beside_its_file_and_keeps_it(paper, owner, world, stored):
    document = world.pelmenya.id_of("document")
    path = f"{paper.path}?document_id={document}"
    page = owner.get(path).text
    assert f"documents/{document}/file" in page
    assert paper.send({}, path=path).status_code == 409  # the very file is there already
    assert paper.send({}, path=path, duplicate_kind="other_paper").status_code == 303
    assert stored()[0].document_id == document
