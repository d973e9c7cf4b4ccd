"""Pages of suppliers: who sees, adds and archives them, and what a card says."""

import base64
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.types import utc_now

LIST = "/accounts/pelmenya/suppliers"


def page_of(supplier_id):
    return f"{LIST}/{supplier_id}"


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def days_ago():
    return lambda days: utc_now().date() - timedelta(days=days)


def typed(**values):
    return {"name": "Ромашка", "tax_id": "", "kpp": "", "phone": "", "email": ""} | values


def test_a_supplier_is_added_with_its_numbers_and_contacts(owner, superuser_sql):
    answer = owner.post(f"{LIST}/new", typed(tax_id="7830 002293", kpp="770701001", phone="+7 495 123-45-67"))
    assert answer.status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.supplier WHERE name = 'Ромашка'")
    assert (row.tax_id, row.kpp, row.contact_info) == ("7830002293", "770701001", {"phone": "+7 495 123-45-67"})


def test_a_zero_that_was_dropped_is_put_back_and_shown(owner, superuser_sql):
    answer = owner.post(f"{LIST}/new", typed(tax_id="273074555"))
    assert [row.tax_id for row in superuser_sql("SELECT tax_id FROM getinn_ops.supplier WHERE name = 'Ромашка'")] == [
        "0273074555"
    ]
    assert "The ИНН is 0273074555" in owner.get(answer.location).text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"tax_id": "7707083894"}, "One of the digits is wrong"),
        ({"tax_id": "77070838930"}, "Write 10 digits of a company or 12"),
        ({"tax_id": "0000000000"}, "Zeros alone"),
        ({"kpp": "7707АБ001"}, "Write 9 signs"),
        ({"tax_id": "500100732259", "kpp": "770701001"}, "Companies alone have this code"),
        ({"email": "nobody"}, "Write an e-mail address"),
    ],
)
def test_a_wrong_number_is_told_beside_its_field_and_nothing_typed_is_lost(owner, values, sentence):
    answer = owner.post(f"{LIST}/new", typed(terms="By Friday noon", **values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(each in answer.text for each in ("By Friday noon", "Ромашка", *values.values()))


def test_a_number_that_iiko_brought_stays_while_something_else_is_changed_and_is_marked(owner, buying):
    supplier = buying.supplier("Кривой номер", tax_id="7707083894", iiko_id="crooked")
    assert owner.post(f"{page_of(supplier)}/edit", typed(name="Кривой номер 2", tax_id="7707083894")).status_code == 303
    assert (buying.of("supplier", supplier, "name"), buying.of("supplier", supplier, "tax_id")) == (
        "Кривой номер 2",
        "7707083894",
    )
    assert "does not fit" in owner.get(page_of(supplier)).text
    assert "does not fit" in owner.get(f"{LIST}?q=7707083894").text


def test_a_second_card_of_one_number_is_asked_about_once(owner, superuser_sql):
    form = typed(tax_id="7707083893")
    answer = owner.post(f"{LIST}/new", form)
    assert answer.status_code == 422
    assert "has this ИНН already" in answer.text
    sure = answer.text.split('name="_sure" value="')[1].split('"')[0]
    assert owner.post(f"{LIST}/new", form | {"_sure": sure}).status_code == 303


def test_a_branch_with_a_code_of_its_own_is_not_asked_about(owner, buying):
    buying.supplier("Север Москва", tax_id="7830002293", kpp="770701001")
    assert owner.post(f"{LIST}/new", typed(tax_id="7830002293", kpp="500101001")).status_code == 303


def test_the_log_tells_each_contact_by_its_name(owner, buying, superuser_sql):
    supplier = buying.supplier("Север")
    owner.post(f"{page_of(supplier)}/edit", typed(name="Север", phone="+7 495 123-45-67"))
    [line] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s", [supplier])
    assert (line.action, line.before, line.after) == ("edited", {"phone": None}, {"phone": "+7 495 123-45-67"})
    assert "Phone: +7 495 123-45-67" in owner.get(page_of(supplier)).text


def test_saving_what_stands_there_leaves_no_line(owner, buying, superuser_sql):
    supplier = buying.supplier("Север")
    owner.post(f"{page_of(supplier)}/edit", typed(name="Север"))
    assert superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s", [supplier]) == []


def test_the_list_tells_what_was_bought_lately_and_what_waits(owner, buying, days_ago):
    supplier = buying.supplier("Север")
    recent = buying.invoice(supplier, "1", Decimal("1200.50"), invoice_date=days_ago(10))
    buying.invoice(supplier, "2", Decimal(300), invoice_date=days_ago(20), status="paid")
    buying.invoice(supplier, "3", Decimal(7000), invoice_date=days_ago(91))
    buying.invoice(supplier, "4", Decimal(9000), invoice_date=days_ago(1), status="draft")
    buying.invoice(supplier, "5", Decimal(11), invoice_date=days_ago(1), currency="EUR")
    buying.add("invoice_exception", invoice_id=recent, kind="vat", money_at_stake=5)
    rows = owner.get(f"{LIST}/export?q=Север").text.splitlines()
    assert rows[0].removeprefix("\ufeff").split(",")[:4] == ["Name", "Bought in 90 days", "To decide", "Tax ID (ИНН)"]
    assert rows[1].split(",")[:3] == ["Север", "1500.5", "1"]
    page = owner.get(f"{LIST}?q=Север").text
    assert "1,500.50" in page


def test_suppliers_are_sorted_by_what_was_bought_and_filtered_by_what_waits(owner, buying, days_ago):
    small, large = buying.supplier("Яблоко"), buying.supplier("Якорь")
    buying.invoice(small, "1", Decimal(10), invoice_date=days_ago(1))
    waiting = buying.invoice(large, "1", Decimal(20), invoice_date=days_ago(1))
    buying.add("invoice_exception", invoice_id=waiting, kind="vat")
    page = owner.get(f"{LIST}?sort=-spend&q=Я").text
    assert page.index("Якорь") < page.index("Яблоко")
    page = owner.get(f"{LIST}?exceptions=open").text
    assert ("Якорь" in page, "Яблоко" in page) == (True, False)


@pytest.mark.parametrize("value", ["nonsense", "NaN", "sNaN", "-Infinity", "1e400000", "1e-400000", "12"])
def test_an_amount_in_the_address_of_a_page_that_is_none_leads_to_the_beginning(owner, world, value):
    place = json.dumps(["spend", value, world.pelmenya.id_of("supplier").hex])
    place = base64.urlsafe_b64encode(place.encode()).rstrip(b"=").decode()
    assert owner.get(f"{LIST}?sort=-spend&after={place}").status_code == 200


def test_figures_are_about_the_restaurants_that_somebody_works_in(browse, world, buying, days_ago):
    chain = world.pelmenya
    supplier = buying.supplier("Север")
    theirs = (chain.assigned_restaurant_id, chain.assigned_store_id)
    buying.invoice(supplier, "1", Decimal(1000), invoice_date=days_ago(1))
    seen = buying.invoice(supplier, "2", Decimal(50), invoice_date=days_ago(1), at=theirs)
    for invoice_id in (seen, buying.invoice(supplier, "3", Decimal(1000), invoice_date=days_ago(1))):
        buying.add("invoice_exception", invoice_id=invoice_id, kind="vat", money_at_stake=5)
    manager = browse(chain.assigned_manager)
    [_heads, row] = manager.get(f"{LIST}/export?q=Север").text.splitlines()
    assert row.split(",")[:3] == ["Север", "50", "1"]
    page = manager.get(page_of(supplier)).text
    assert "RUB50.00" in page.replace("\u00a0", "") or "₽" in page
    assert "1 exception waits" in page
    assert "2,050" not in page
    unseen = buying.supplier("Юг")
    waiting = buying.invoice(unseen, "4", Decimal(1), invoice_date=days_ago(1))
    buying.add("invoice_exception", invoice_id=waiting, kind="vat")
    assert "Юг" not in manager.get(f"{LIST}?exceptions=open").text


def test_the_list_is_read_in_one_statement_whoever_looks(browse, world, statements):
    for person in (world.pelmenya.owner, world.pelmenya.assigned_manager):
        browser = browse(person)
        browser.get(LIST)
        with statements() as counted:
            browser.get(LIST)
        assert len([each for each in counted.statements if "getinn_ops.supplier" in each]) == 1


@pytest.mark.parametrize(
    ("who", "sees", "edits", "archives"),
    [("owner", 200, 303, 303), ("manager", 200, 303, 403), ("chef", 200, 403, 403), ("viewer", 200, 403, 403)],
)
def test_everybody_sees_managers_add_and_owners_archive(browse, world, buying, who, sees, edits, archives):
    browser, supplier = browse(getattr(world.pelmenya, who)), buying.supplier("Север")
    assert browser.get(page_of(supplier)).status_code == sees
    assert browser.post(f"{LIST}/new", typed()).status_code == edits
    assert browser.post(f"{LIST}/archival", {"ids": supplier}).status_code == archives
    assert browser.get(f"{page_of(supplier)}/merging").status_code == (200 if archives == 303 else 403)


def test_a_card_is_nobody_elses(browse, world, buying):
    supplier = buying.supplier("Север")
    stranger = browse(world.vareniki.owner)
    for path in ("", "/edit", "/merging"):
        assert stranger.get(f"/accounts/vareniki/suppliers/{supplier}{path}").status_code == 404


def test_a_merged_card_leads_to_the_one_that_it_is_part_of(owner, world):
    page = owner.get(page_of(world.pelmenya.id_of("supplier", 2))).text
    assert f'Merged into <a href="{page_of(world.pelmenya.id_of("supplier"))}">' in page
    assert "/edit" not in page.split('id="content"')[1].split("</main>")[0]


def test_a_merged_card_is_not_restored_past_its_merging(owner, world, buying):
    merged = world.pelmenya.id_of("supplier", 2)
    answer = owner.delete(f"{LIST}/archival", {"ids": merged})
    assert answer.status_code in (303, 409)
    assert buying.of("supplier", merged, "is_active") is False
    assert "is part of another supplier" in owner.get(LIST).text + answer.text


def test_merging_is_a_form_with_what_goes_along_and_an_undo(owner, buying):
    first, second = buying.supplier("Север"), buying.supplier("ООО Север")
    buying.invoice(second, "УТ-1", Decimal(10))
    page = owner.get(f"{page_of(second)}/merging?into={first}").text
    assert "1 invoice" in page
    assert f'<option selected value="{first}">' in page
    assert f'value="{second}"' not in page
    answer = owner.post(f"{page_of(second)}/merging", {"into_id": first})
    assert answer.location.endswith(page_of(first))
    page = owner.get(answer.location).text
    assert "is part of Север now" in page
    [merge] = buying.sql("SELECT id FROM getinn_ops.supplier_merge WHERE supplier_id = %s", [second])
    assert owner.delete(f"{LIST}/mergings/{merge.id}").status_code == 303
    assert buying.of("supplier", second, "is_active") is True


def test_numbers_that_stand_at_both_are_told_before_anything_is_merged(owner, buying):
    first, second = buying.supplier("Север"), buying.supplier("ООО Север")
    buying.invoice(first, "УТ-1", Decimal(10))
    buying.invoice(second, "УТ-1", Decimal(10))
    answer = owner.post(f"{page_of(second)}/merging", {"into_id": first})
    assert answer.status_code == 422
    assert "1 invoice number of ООО Север stands at the other supplier" in answer.text
    assert buying.of("supplier", second, "merged_into_id") is None
    sure = answer.text.split('name="_sure" value="')[1].split('"')[0]
    owner.post(f"{page_of(second)}/merging", {"into_id": first, "_sure": sure})
    assert buying.of("supplier", second, "merged_into_id") == first


def test_somebody_elses_supplier_and_a_merged_one_are_no_choice(owner, world, buying):
    mine = buying.supplier("Север")
    for other in (world.vareniki.id_of("supplier"), mine):
        assert owner.post(f"{page_of(mine)}/merging", {"into_id": other}).status_code == 422
    answer = owner.post(f"{page_of(mine)}/merging", {"into_id": world.pelmenya.id_of("supplier", 2)})
    assert answer.status_code == 422
    assert f'Merged into <a href="{page_of(world.pelmenya.id_of("supplier"))}">' in answer.text


def test_doubles_are_shown_side_by_side_and_told_apart(owner, buying):
    first, second = buying.supplier("Мясокомбинат"), buying.supplier("ЗАО «Мясокомбинат»")
    page = owner.get(f"{LIST}/doubles").text
    assert f"{page_of(second)}/merging?into={first}" in page
    answer = owner.post(f"{page_of(first)}/distinctions", {"other_id": second})
    assert answer.status_code == 303
    assert f"{page_of(second)}/merging?into={first}" not in owner.get(f"{LIST}/doubles").text


def test_saying_again_that_two_are_two_leaves_nothing_more(owner, buying, superuser_sql):
    first, second = buying.supplier("Мясокомбинат"), buying.supplier("ЗАО «Мясокомбинат»")
    for one, other in ((first, second), (second, first), (first, first)):
        assert owner.post(f"{page_of(one)}/distinctions", {"other_id": other}).status_code == 303
    assert owner.post(f"{page_of(first)}/distinctions", {}).status_code == 404
    kept = "SELECT id FROM getinn_ops.supplier_merge WHERE supplier_id = ANY(%s)"
    assert len(superuser_sql(kept, [[first, second]])) == 1
