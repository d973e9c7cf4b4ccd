"""What the kinds make of iiko's suppliers, units, products and invoices; each of these has gone wrong somewhere."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.iiko.client.answers import IikoFailure
from portal.iiko.kinds import INCOMING_INVOICES, PRODUCTS, SUPPLIERS, UNITS
from portal.iiko.kinds.invoice_lines import lines_in_words, remember_lines
from portal.iiko.kinds.packs import Pack, names_of, ratio_of
from portal.iiko.sync.kinds import KindReading, ReadRow, Ref, Unreadable
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.values import kept_values
from tests.fakes.iiko.deliveries import DAIRY, DELIVERY, FORMER, GROCERY, MEAT, PETTY
from tests.fakes.iiko.purchases import Packing, Product, Purchases, Supplier
from tests.iiko.bought import DAY, Trade, answer_of
from tests.iiko.trees import guid


@pytest.fixture(scope="module")
def trade():
    return Trade()


@pytest.fixture
def told(trade):
    """The rows of odd invoices by what is odd with them, each as lists of what the reader makes of it."""

    def read(*names, **changes):
        trade.purchases.invoices.clear()
        trade.purchases.add(*(replace(trade.odd[name], **changes) for name in names))
        return list(INCOMING_INVOICES.read(trade.answers(), KindReading()))

    return read


def only(rows):
    (row,) = rows
    return row


def lines_of(row):
    return list(row.values["lines"].rows)


def suppliers(*told, envelope="employees", more=""):
    body = f"<{envelope}>{''.join(each.xml() for each in told)}{more}</{envelope}>"
    return list(SUPPLIERS.read({"suppliers": answer_of(body)}, KindReading()))


@pytest.mark.parametrize("envelope", ["employees", "employeeDtoes"])
def test_a_supplier_is_read_with_its_number_phone_and_address_of_mail(envelope):
    row = only(suppliers(replace(DAIRY, email="sales@milk.example"), envelope=envelope))
    assert (row.iiko_id, row.skip) == (DAIRY.id, None)
    assert row.values == {
        "name": "ООО «Молочный двор»", "tax_id": "7805123400", "phone": "+7 812 555-01-01",
        "email": "sales@milk.example",
    }  # fmt: skip


def test_nothing_private_of_a_supplier_is_read():
    told = repr(suppliers(DAIRY, PETTY))
    assert not [word for word in ("login-of-it", "secret-of-it", "pin-of-it", "000-000-000") if word in told]


def test_whoever_is_no_supplier_leaves_no_trace_and_who_is_an_employee_besides_is_one():
    employee = f"<employee><id>{guid(1)}</id><name>Иванов</name><supplier>false</supplier></employee>"
    rows = suppliers(PETTY, more=employee)
    assert [row.name for row in rows] == ["ИП Соколова Мария"]


def test_a_store_of_the_chain_and_a_deleted_supplier_are_left_out_with_their_reason():
    internal = Supplier("Склад сети", store=guid(5))
    assert [row.skip for row in suppliers(internal, FORMER, MEAT)] == [Reason.INTERNAL, Reason.DELETED, None]


@pytest.mark.parametrize(
    ("number", "kept"), [("273074555", "273074555"), (" 7805 123400 ", "7805123400"), ("", None), ("9" * 50, None)]
)
def test_a_tax_number_is_kept_as_iiko_has_it_right_or_wrong(number, kept):
    assert only(suppliers(replace(DAIRY, tax_id=number))).values["tax_id"] == kept


def test_an_answer_about_something_else_is_none():
    with pytest.raises(IikoFailure):
        suppliers(envelope="corporateItemDtoes")


def units(*names):
    return list(UNITS.read({"units": answer_of(Purchases(units=list(names)).units_json())}, KindReading()))


def test_of_several_units_of_one_name_one_stands_for_all():
    rows = {row.name: row for row in units("кг.", "кг", "Килограмм", "л", "порц")}
    assert [name for name, row in rows.items() if row.skip is None] == ["кг", "л", "порц"]
    assert rows["кг."].details == rows["Килограмм"].details == {"name": "кг"}
    assert rows["кг."].skip is Reason.SAME_NAME


@pytest.mark.parametrize("spelt", ["кг", "КГ.", "Килограмм", "kg", "kilogram"])
def test_a_unit_is_recognised_whatever_it_is_called(spelt):
    assert UNITS.fold("name", spelt) == UNITS.fold("symbol", "кг") == "166"


def products(*told, groups=None):
    purchases = Purchases(units=["кг", "кг.", "л", "шт", "порц"])
    purchases.add(*told)
    answers = {
        "products": answer_of(purchases.products_json()),
        "groups": answer_of(purchases.groups_json() if groups is None else groups),
        "units": answer_of(purchases.units_json()),
    }
    return list(PRODUCTS.read(answers, KindReading()))


CHEESE = Product("Сыр", "кг", "00042", group="Молочное", packings=(Packing("упак. 0,91 кг", Decimal("0.91")),))


def test_goods_become_ingredients_with_their_article_group_unit_and_packs():
    row = only(products(CHEESE))
    (pack,) = row.values["packs"].rows
    assert pack == {
        "id": CHEESE.packing_id(CHEESE.packings[0]), "name": "упак. 0,91 кг", "count": "0.91", "is_deleted": False
    }  # fmt: skip
    assert (row.values["sku"], row.values["category"], row.values["item_type"]) == (
        "00042", "Молочное", "raw_ingredient",
    )  # fmt: skip
    assert row.values["default_unit_id"].name == "кг"


@pytest.mark.parametrize(
    ("kind", "skip"),
    [("GOODS", None), ("PREPARED", None), ("DISH", Reason.TYPE), ("SERVICE", Reason.TYPE), ("", Reason.UNTYPED)],
)
def test_what_is_bought_or_prepared_is_taken_and_the_rest_told_by_its_type(kind, skip):
    assert only(products(replace(CHEESE, type=kind))).skip is skip


def test_a_product_in_the_second_unit_of_one_name_is_counted_in_the_first():
    first, second = products(CHEESE, replace(CHEESE, unit="кг.", article="00043"))
    assert first.values["default_unit_id"] == second.values["default_unit_id"]


def test_a_product_whose_group_cannot_be_read_has_none():
    broken = '[{"id": "x", "name": {}}]'
    assert only(products(CHEESE, groups=broken)).values["category"] is None


def test_a_packing_of_nothing_is_none_and_a_deleted_one_is_known():
    packings = (Packing("a", Decimal(0)), Packing("b", Decimal(2), is_deleted=True))
    rows = only(products(replace(CHEESE, packings=packings))).values["packs"].rows
    assert [(each["name"], each["is_deleted"]) for each in rows] == [("b", True)]


@pytest.mark.parametrize(
    ("count", "ratio"),
    [("0.91", ("1", "0.91")), ("19", ("1", "19")), ("0.333333", ("100", "33.3333")), ("0.0000001", ("1000", "0.0001"))],
)
def test_a_pack_is_kept_as_an_exact_ratio_of_two_numbers(count, ratio):
    packs, base = ratio_of(Decimal(count))
    assert (packs, base) == tuple(map(Decimal, ratio))
    assert base / packs == Decimal(count)


def test_a_pack_that_the_columns_cannot_hold_is_none():
    assert ratio_of(Decimal("99999999999")) is None
    assert ratio_of(Decimal("123456.123456789012")) is None


def test_packs_are_called_by_their_word_so_that_few_units_serve_many():
    assert names_of(Pack("1", "упак. 0,91 кг", Decimal("0.91")))[0] == "упак."
    assert names_of(Pack("1", "Кега 19л", Decimal(19)))[0] == "кега"
    assert names_of(Pack("1", "", Decimal(19)))[0] == "× 19"


def test_an_invoice_is_read_with_its_own_number_its_days_and_its_state(told, trade):
    issued, due = date(2026, 11, 18), date(2026, 12, 1)
    row = only(told("packs", number=" П-1 ", issued=issued, due=due, key="П-1"))
    values = {key: value for key, value in row.values.items() if key != "lines"}
    assert values == {
        "invoice_number": "П-1", "invoice_date": issued, "due_date": due, "status": "active",
        "received_on": trade.odd["packs"].received,
        "supplier_id": Ref("suppliers", DAIRY.id, "ООО «Молочный двор»"),
        "store_id": Ref("stores", trade.chain.stores[0].id, trade.chain.stores[0].name),
    }  # fmt: skip
    assert (row.iiko_id, row.day) == (trade.odd["packs"].id, trade.odd["packs"].received)


def test_what_a_line_costs_is_its_sum_and_never_amount_times_price(told):
    (line,) = lines_of(only(told("packs")))
    assert (line["amount"], line["price"], line["sum"]) == ("10.92", "91", "1092.00")
    (keg,) = lines_of(only(told("kegs")))
    assert (keg["amount"], keg["price"], keg["sum"], keg["rate"], keg["vat"]) == (
        "152",
        "180",
        "1440.00",
        "10",
        "130.91",
    )


@pytest.mark.parametrize(
    ("total", "percent", "vat", "read"),
    [
        ("1000", "22", None, ("22", "180.33")),
        ("1000", "20", None, ("20", "166.67")),
        ("1000", "10", None, ("10", "90.91")),
        ("1000", "7", None, ("7", "65.42")),
        ("1000", "5", None, ("5", "47.62")),
        ("1050", "20", "210", ("20", "210.00")),  # on top: as stated
        ("1000", None, None, (None, "0.00")),  # без НДС
        ("1000", "0", "0", ("0", "0.00")),  # 0 % is another thing
        ("1000", None, "180.33", ("22", "180.33")),  # the rate that fits
        ("1000", None, "123.45", (None, "0.00")),
        ("1000", "100", "500", (None, "0.00")),
    ],
)
def test_vat_is_kept_as_it_is_stated_and_no_rate_is_no_rate_of_nothing(told, trade, total, percent, vat, read):
    line = replace(
        trade.odd["packs"].lines[0],
        total=Decimal(total),
        vat_percent=None if percent is None else Decimal(percent),
        vat=None if vat is None else Decimal(vat),
    )
    (kept,) = lines_of(only(told("packs", lines=(line,))))
    assert (kept["rate"], kept["vat"]) == read


def test_sums_of_nine_decimals_are_rounded_half_away_from_zero(told, trade):
    totals = ("0.125", "2.675", "1.005", "-0.125")
    lines = tuple(replace(trade.odd["packs"].lines[0], total=Decimal(each)) for each in totals)
    assert [each["sum"] for each in lines_of(only(told("packs", lines=lines)))] == ["0.13", "2.68", "1.01", "-0.13"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("transfer", Reason.TRANSFER),
        ("outgoing", Reason.TRANSFER),
        ("nobody", Reason.NO_SUPPLIER),
        ("no_lines", Reason.NO_LINES),
        ("packs", None),
        ("draft", None),
    ],
)
def test_what_was_moved_within_the_chain_or_says_too_little_is_left_out(told, name, reason):
    assert only(told(name)).skip is reason


def test_an_invoice_without_a_store_waits(told):
    assert only(told("packs", store="")).skip is Reason.NO_STORE


def test_a_paper_of_two_stores_is_one_invoice_for_each_the_papers_own_store_first(told, trade):
    first, second = told("two_stores")
    stores = [trade.chain.stores[0].id, trade.chain.stores[-2].id]
    assert [row.values["store_id"].iiko_id for row in (first, second)] == stores
    assert (first.iiko_id, second.iiko_id) == (
        trade.odd["two_stores"].id,
        f"{trade.odd['two_stores'].id}:{stores[1]}",
    )
    assert [len(lines_of(row)) for row in (first, second)] == [1, 1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "POSTED"}, "status"),
        ({"number": "1" * 65}, "incomingDocumentNumber"),
        ({"issued": date(1026, 11, 1)}, "incomingDate"),
    ],
)
def test_an_invoice_that_cannot_be_one_is_told_and_the_others_are_read(told, trade, changes, field):
    trade.purchases.invoices.clear()
    trade.purchases.add(replace(trade.odd["packs"], **changes), trade.odd["kegs"])
    rows = list(INCOMING_INVOICES.read(trade.answers(), KindReading()))
    broken = only([row for row in rows if isinstance(row, Unreadable)])
    assert (broken.reason, broken.details["field"]) == (Reason.MALFORMED, field)
    assert [row.name for row in rows if isinstance(row, ReadRow)] == ["1568"]


def test_freight_and_discount_are_told_apart_from_goods(told):
    goods, freight = lines_of(only(told("freight")))
    assert (goods["is_expense"], freight["is_expense"], freight["sum"]) == (False, True, "500.00")
    (line,) = lines_of(only(told("discount")))
    assert line["discount"] == "50.00"


def test_what_a_link_remembers_of_lines_is_another_thing_once_a_product_is_known(told):
    lines = kept_values(only(told("unlisted")).values)["lines"]
    unknown, known = (remember_lines(lines, lambda kind, iiko_id, so=so: so) for so in (False, True))
    assert unknown != known
    assert lines_in_words(unknown) == lines_in_words(known) == lines_in_words(lines) == "1 · 600.00"
    # Of freight nobody waits for a product.
    freight = [each for each in kept_values(only(told("freight")).values)["lines"] if each["is_expense"]]
    assert remember_lines(freight, lambda *_: False) == remember_lines(freight, lambda *_: True)


def test_every_supplier_of_an_invoice_is_told_by_its_name(told, trade):
    assert {GROCERY.name, MEAT.name} == {row.values["supplier_id"].name for row in told("vat_on_top", "short")}
    assert DELIVERY.id in trade.purchases.products
    assert max(row.day for row in told("packs", "deleted")) <= DAY
