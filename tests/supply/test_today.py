"""The page of supply: what rose and what that has cost, what waits, who is bought from, which statements are open."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.types import utc_now
from portal.supply.queries import what_rose
from tests.world_supply import FORGET_STOCK, IN_PLACES

PAGE = "/accounts/pelmenya/supply"


@pytest.fixture
def days_ago():
    return lambda days: utc_now().date() - timedelta(days=days)


@pytest.fixture
def noted(buying, days_ago):
    """``noted(supplier_id, days, amount, base_quantity)`` is a standing price of the first item."""

    def note(supplier_id, days, amount, base_quantity, change=0, **columns):
        told = {
            "inventory_item_id": buying.chain.id_of("inventory_item"),
            "supplier_id": supplier_id,
            "price_date": days_ago(days),
            "source": "invoice",
            "quantity": 1,
            "amount": Decimal(amount),
            "base_quantity": Decimal(base_quantity),
            "currency": "RUB",
            "change": change,
        } | columns
        return buying.add("inventory_item_price_history", **told)

    return note


@pytest.fixture
def rose(scoped, world, days_ago):
    """What rose in the last days, as the query tells it."""

    def read(days=30):
        with scoped(world.pelmenya.account_id):
            return what_rose(days_ago(days), days_ago(0))

    return read


def test_a_rise_costs_what_was_paid_without_what_the_same_would_have_cost_before(buying, noted, rose):
    supplier = buying.supplier("Север")
    before = noted(supplier, 40, "200", "1")
    noted(supplier, 20, "2300", "10", change=15)
    last = noted(supplier, 5, "1250", "5", change="8.6957")
    [line] = rose()
    assert (line.from_id, line.to_id, line.papers) == (before, last, 2)
    assert (line.paid, line.quantity) == (Decimal(3550), Decimal(15))
    assert (line.percent, line.at_former, line.cost) == (Decimal("25.00"), Decimal("3000.00"), Decimal("550.00"))


def test_the_cost_of_a_rise_is_reckoned_with_exact_prices_and_rounded_once(buying, noted, rose):
    """A pack of 12 for 13.99: a piece costs 1.165833…; seven at 1.50 each cost 10.50 instead of 8.16."""
    supplier = buying.supplier("Север")
    noted(supplier, 40, "13.99", "12")
    noted(supplier, 5, "10.50", "7", change="28.6633")
    [line] = rose()
    assert (line.at_former, line.cost) == (Decimal("8.16"), Decimal("2.34"))


def test_without_an_earlier_price_the_first_one_of_the_days_is_the_former(buying, noted, rose):
    supplier = buying.supplier("Север")
    first = noted(supplier, 20, "100", "1")
    noted(supplier, 10, "110", "1", change=10)
    [line] = rose()
    assert (line.from_id, line.cost) == (first, Decimal("10.00"))


def test_what_rose_and_fell_again_taken_back_prices_and_other_currencies_are_no_rise(buying, noted, rose):
    supplier = buying.supplier("Север")
    noted(supplier, 40, "100", "1")
    noted(supplier, 20, "120", "1", change=20)
    noted(supplier, 5, "100", "1", change="-16.6667")
    other = buying.supplier("Юг")
    noted(other, 40, "100", "1")
    noted(other, 5, "500", "1", change=400, voided_at=utc_now().replace(tzinfo=None))
    third = buying.supplier("Запад")
    noted(third, 40, "100", "1")
    noted(third, 5, "500", "1", change=400, currency="EUR")
    assert rose() == []


def test_each_supplier_is_compared_with_itself(buying, noted, rose):
    cheap, dear = buying.supplier("Дёшево"), buying.supplier("Дорого")
    noted(cheap, 40, "100", "1")
    noted(dear, 5, "300", "1")
    assert rose() == []


def test_what_cost_most_stands_first(buying, noted, rose):
    small, large = buying.supplier("Мало"), buying.supplier("Много")
    for supplier, quantity in ((small, "1"), (large, "10")):
        noted(supplier, 40, "100", "1")
        noted(supplier, 5, str(130 * int(quantity)), quantity, change=30)
    assert [line.supplier for line in rose()] == ["Много", "Мало"]


def test_the_page_tells_each_number_with_its_formula_and_leads_to_its_rows(browse, world, buying, noted, days_ago):
    supplier = buying.supplier("Север")
    before = noted(supplier, 40, "200", "1")
    noted(supplier, 20, "2300", "10", change=15)
    invoice = buying.invoice(supplier, "УТ-1", Decimal("2300"), invoice_date=days_ago(20))
    buying.add("invoice_exception", invoice_id=invoice, kind="price_shock", money_at_stake=Decimal("300"))
    page = browse(world.pelmenya.owner).get(PAGE)
    told = page.text.replace("\u00a0", " ").replace("&amp;", "&")
    assert page.status_code == 200
    assert "RUB200.00 / kg → RUB230.00 / kg" in told.replace("RUB ", "RUB").replace("₽", "RUB")
    item = world.pelmenya.id_of("inventory_item")
    assert f"/prices?item_id={item}&supplier_id={supplier}&since={days_ago(40).isoformat()}" in told
    assert f"/prices/{before}" in told
    assert f"/invoices?supplier_id={supplier}&from={days_ago(30).isoformat()}&until={days_ago(0).isoformat()}" in told
    assert f"/invoices/exceptions?restaurant_id={world.pelmenya.restaurant_id}" in told
    assert told.count("<summary>Explain</summary>") >= 3


def test_of_other_restaurants_nothing_is_told(browse, world, buying, noted, days_ago):
    chain = world.pelmenya
    supplier = buying.supplier("Только здесь")
    place = {"restaurant_id": chain.restaurant_id, "store_id": chain.store_id}
    noted(supplier, 40, "200", "1", **place)
    noted(supplier, 20, "2300", "10", change=15, **place)
    invoice = buying.invoice(supplier, "УТ-1", Decimal("2300"), invoice_date=days_ago(20))
    buying.add("invoice_exception", invoice_id=invoice, kind="price_shock", money_at_stake=Decimal("300"))
    assert "Только здесь" in browse(chain.manager).get(PAGE).text
    page = browse(chain.assigned_manager).get(PAGE).text
    assert "Только здесь" not in page
    assert f"restaurant_id={chain.restaurant_id}" not in page
    assert f"restaurant_id={chain.assigned_restaurant_id}" in page


def test_statements_are_told_to_those_who_see_them(browse, world):
    statement = world.pelmenya.id_of("reconciliation", 1)
    for who, is_told in (("owner", True), ("viewer", True), ("chef", False), ("assigned_manager", False)):
        page = browse(getattr(world.pelmenya, who)).get(PAGE).text
        assert (str(statement) in page) is is_told, who


def test_a_supplier_without_a_statement_of_the_last_month_is_to_be_asked(browse, world, buying):
    last = utc_now().date().replace(day=1) - timedelta(days=1)
    asked, settled = buying.supplier("Без сверки"), buying.supplier("Со сверкой")
    for supplier in (asked, settled):
        buying.invoice(supplier, "1", Decimal(100), invoice_date=last)
    buying.add("reconciliation", supplier_id=settled, period_from=last.replace(day=1), period_to=last, currency="RUB")
    page = browse(world.pelmenya.owner).get(PAGE).text
    assert f"/reconciliations/new?supplier_id={asked}" in page
    assert f"/reconciliations/new?supplier_id={settled}" not in page


def test_the_period_is_chosen_and_nonsense_is_the_usual_one(browse, world, buying, noted):
    supplier = buying.supplier("Север")
    noted(supplier, 80, "100", "1")
    noted(supplier, 60, "150", "1", change=50)
    owner = browse(world.pelmenya.owner)
    told = {days: "Север" in owner.get(f"{PAGE}?days={days}").text for days in ("90", "30", "nonsense")}
    assert told == {"90": True, "30": False, "nonsense": False}


@pytest.mark.parametrize(
    ("who", "offered"), [("owner", ["Add a supplier", "Connect iiko"]), ("viewer", []), ("manager", ["Add a supplier"])]
)
def test_an_empty_chain_is_told_what_to_do_first(browse, world, superuser_sql, who, offered):
    superuser_sql(FORGET_STOCK)
    for table in IN_PLACES:
        superuser_sql(f"DELETE FROM getinn_ops.{table}")
    superuser_sql("UPDATE getinn_ops.supplier SET merged_into_id = NULL")
    superuser_sql("DELETE FROM getinn_ops.supplier")
    page = browse(getattr(world.pelmenya, who)).get(PAGE).text
    content = page.split('id="content"')[1].split("</main>")[0]
    assert "Nothing was bought here yet" in content
    assert [text for text in ("Add a supplier", "Connect iiko") if text in content] == offered


def test_the_page_takes_as_many_statements_however_much_there_is(browse, world, buying, noted, statements, days_ago):
    owner = browse(world.pelmenya.owner)
    owner.get(PAGE)
    with statements() as before:
        owner.get(PAGE)
    for number in range(5):
        supplier = buying.supplier(f"Север {number}")
        noted(supplier, 40, "100", "1")
        noted(supplier, 5, "130", "1", change=30)
        buying.invoice(supplier, "1", Decimal(1), invoice_date=days_ago(3))
    with statements() as after:
        owner.get(PAGE)
    assert len(after.statements) == len(before.statements)
