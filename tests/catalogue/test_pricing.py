"""Prices of invoices in the database: noted, taken back, entered in any order."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from sqlalchemy import select

from portal.catalogue.prices import ItemPrice
from portal.catalogue.pricing import note_all_prices, note_prices, void_prices
from portal.catalogue.settings import SupplySettings
from portal.catalogue.supplier_items import learn
from portal.db.base import db
from portal.suppliers.merging import merge, undo

CASE = ((1, "case", 12, "pack"), (1, "pack", "0.91", "kg"))


@pytest.fixture
def supplier(buying):
    return buying.supplier()


@pytest.fixture
def flour(buying):
    return buying.item("Flour", "kg")


def prices(item):
    query = select(ItemPrice).where(ItemPrice.inventory_item_id == item.id).order_by(ItemPrice.entry_no)
    return db.session.scalars(query, execution_options={"populate_existing": True}).all()


def kinds(paper):
    return [each.kind for each in paper.findings]


def test_a_price_is_an_amount_for_a_quantity_and_costs_so_much_a_base_unit(buying, supplier):
    dumplings = buying.item("Dumplings", "kg", *CASE)
    buying.enter(supplier, "2026-05-01", (dumplings, 1, "case", "1092.00"))
    [price] = prices(dumplings)
    assert (price.amount, price.quantity, price.base_quantity) == (Decimal("1092.00"), 1, Decimal("10.92"))
    assert price.price == dumplings.current_cost_per_unit == 100
    assert dumplings.cost_changed_on == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("base", "packs", "line", "cost"),
    [
        ("kg", CASE, (1, "case", "1092.00"), "100"),
        ("kg", (CASE[0], (1, "pack", "0.85", "kg")), (1, "case", "1092.00"), "107.058824"),
        ("pc", ((1, "case", 12, "tray"), (1, "tray", 30, "pc")), (1, "case", "2520.00"), "7"),
        (
            "kg",
            ((1, "case", 12, "tray"), (1, "tray", 30, "pc"), (1, "pc", "0.055", "kg")),
            (1, "case", "2520.00"),
            "127.272727",
        ),
        ("pc", ((12, "pc", 1, "pack"),), (2, "pack", "27.98"), "1.165833"),
        ("kg", (), (690, "g", "1.15"), "1.666667"),
        ("pc", (), (12, "pc", "12.00"), "1"),
    ],
)
def test_the_cost_of_a_base_unit_has_six_decimals(buying, supplier, base, packs, line, cost):
    item = buying.item("Thing", base, *packs)
    buying.enter(supplier, "2026-05-01", (item, *line))
    assert item.current_cost_per_unit == Decimal(cost)


def test_without_a_conversion_no_price_is_made_and_the_cost_stays_unknown(buying, supplier):
    milk = buying.item("Milk", "ml")
    paper = buying.enter(supplier, "2026-05-01", (milk, 1, "bottle", "1.15"))
    assert paper.lines[0].base_quantity is None
    assert (prices(milk), milk.current_cost_per_unit) == ([], None)


def test_the_latest_date_counts_and_taking_a_price_back_gives_the_one_before(buying, supplier, flour):
    first = buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "200.00"))
    second = buying.enter(supplier, "2026-05-10", (flour, 1, "kg", "300.00"))
    assert flour.current_cost_per_unit == 300
    void_prices([second.invoice.id])
    assert (flour.current_cost_per_unit, flour.cost_changed_on) == (200, date(2026, 5, 1))
    void_prices([first.invoice.id])
    assert (flour.current_cost_per_unit, flour.cost_changed_on) == (None, None)
    assert len(prices(flour)) == 2
    assert all(each.voided_at for each in prices(flour))


def test_an_older_paper_that_is_entered_late_changes_no_cost(buying, supplier, flour):
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "200.00"))
    buying.enter(supplier, "2026-05-10", (flour, 1, "kg", "300.00"))
    buying.enter(supplier, "2026-05-05", (flour, 1, "kg", "250.00"))
    assert flour.current_cost_per_unit == 300
    assert [(each.price, each.change) for each in sorted(prices(flour), key=lambda each: each.price_date)] == [
        (200, 0),
        (250, 25),
        (300, 20),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_papers_in_any_order_come_to_the_same_prices(buying, supplier, flour, order):
    papers = [("2026-05-01", "200.00"), ("2026-05-10", "300.00"), ("2026-05-05", "250.00")]
    for place in order:
        day, total = papers[place]
        buying.enter(supplier, day, (flour, 1, "kg", total))
    told = sorted((each.price_date.day, each.price, each.change) for each in prices(flour))
    assert told == [(1, 200, 0), (5, 250, 25), (10, 300, 20)]
    assert flour.current_cost_per_unit == 300


def test_taken_back_and_noted_again_is_as_before(buying, supplier, flour):
    first = buying.enter(supplier, "2026-05-10", (flour, 1, "kg", "200.00"))
    buying.enter(supplier, "2026-05-10", (flour, 1, "kg", "300.00"))
    before = [(each.id, each.price, each.change, each.entry_no) for each in prices(flour)]
    void_prices([first.invoice.id])
    note_prices(first.invoice, first.lines)
    # Not the latest now, for it was entered first.
    assert flour.current_cost_per_unit == 300
    assert [(each.id, each.price, each.change, each.entry_no) for each in prices(flour)] == before
    assert not any(each.voided_at for each in prices(flour))


def test_of_two_lines_of_one_paper_the_last_one_counts(buying, supplier, flour):
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "90.00"), (flour, 1, "kg", "95.00"))
    assert flour.current_cost_per_unit == 95


def test_a_paper_that_was_changed_leaves_no_price_of_what_it_said(buying, supplier, flour):
    sugar = buying.item("Sugar")
    buying.enter(supplier, "2026-05-05", (flour, 1, "kg", "220.00"))
    paper = buying.enter(supplier, "2026-05-10", (flour, 1, "kg", "300.00"))
    [line] = paper.lines
    line.inventory_item_id, paper.invoice.invoice_date = sugar.id, date(2026, 5, 1)
    db.session.flush()
    note_prices(paper.invoice, paper.lines)
    assert (flour.current_cost_per_unit, sugar.current_cost_per_unit) == (220, 300)
    note_prices(paper.invoice, [])
    assert (flour.current_cost_per_unit, sugar.current_cost_per_unit) == (220, None)


def test_gifts_returns_and_lines_without_an_item_say_no_price(buying, supplier, flour):
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "0.00"), (None, 1, None, "500.00"))
    buying.enter(supplier, "2026-05-02", (flour, -1, "kg", "-90.00"), kind="credit_note")
    assert (prices(flour), flour.current_cost_per_unit) == ([], None)


def test_vat_is_part_of_the_cost_unless_the_chain_deducts_it(buying, supplier, flour):
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "122.00", "22.00"))
    assert flour.current_cost_per_unit == 122
    SupplySettings.current().save(vat_recoverable=True)
    buying.enter(supplier, "2026-05-02", (flour, 1, "kg", "122.00", "22.00"))
    assert flour.current_cost_per_unit == 100


def test_prices_in_another_currency_are_kept_and_make_no_cost(buying, supplier, flour):
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "90.00"))
    paper = buying.enter(supplier, "2026-05-02", (flour, 1, "kg", "10.00"), currency="EUR")
    assert (len(prices(flour)), flour.current_cost_per_unit, kinds(paper)) == (2, 90, [])
    assert prices(flour)[1].change == 0


def test_a_leap_is_told_with_the_paper_that_it_is_compared_with(buying, supplier, flour):
    before = buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "200.00"))
    near = buying.enter(supplier, "2026-05-02", (flour, 1, "kg", "219.99"))
    assert (kinds(before), kinds(near)) == ([], [])
    void_prices([near.invoice.id])
    [found] = buying.enter(supplier, "2026-05-03", (flour, 10, "kg", "2300.00")).findings
    assert (found.kind, found.money) == ("price_shock", Decimal("300.00"))
    told = {key: found.evidence[key] for key in ("from", "to", "percent", "since", "unit", "currency")}
    assert told["unit"] in ("kg", "кг")
    assert told | {"unit": ""} == {
        "from": "200",
        "to": "230",
        "percent": "15",
        "since": "2026-05-01",
        "unit": "",
        "currency": "RUB",
    }
    assert found.evidence["line_id"] == str(before.lines[0].id)


def test_prices_of_other_suppliers_are_another_matter(buying, supplier, flour):
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "200.00"))
    other = buying.enter(buying.supplier("Another"), "2026-05-02", (flour, 1, "kg", "300.00"))
    assert kinds(other) == []
    assert flour.current_cost_per_unit == 300


def test_when_suppliers_become_one_their_prices_are_compared_anew(buying, supplier, flour):
    other = buying.supplier("Another")
    buying.enter(supplier, "2026-05-01", (flour, 1, "kg", "200.00"))
    buying.enter(other, "2026-05-02", (flour, 1, "kg", "300.00"))
    assert [each.change for each in prices(flour)] == [0, 0]
    merging = merge(other, supplier)
    assert [each.change for each in prices(flour)] == [0, 50]
    undo(merging)
    assert [each.change for each in prices(flour)] == [0, 0]
    assert flour.current_cost_per_unit == 300


def test_four_small_steps_are_a_creep(buying, supplier, flour):
    told = [
        kinds(buying.enter(supplier, day, (flour, 1, "kg", total)))
        for day, total in zip(
            ("2026-05-01", "2026-05-08", "2026-05-15", "2026-05-22"), ("100", "104", "108.16", "112.49"), strict=True
        )
    ]
    assert told == [[], [], [], ["price_drift"]]


def test_a_pack_that_shrank_is_told_and_the_old_price_keeps_its_quantity(buying, supplier):
    dumplings = buying.item("Dumplings", "kg", CASE[0])
    pack = buying.pack(dumplings, *CASE[1])
    buying.enter(supplier, "2026-05-01", (dumplings, 1, "case", "1092.00"))
    pack.to_quantity = Decimal("0.85")
    [found] = buying.enter(supplier, "2026-05-08", (dumplings, 1, "case", "1092.00")).findings
    assert (found.kind, found.evidence["percent"], found.evidence["pack"]) == ("pack_shrunk", "7.06", "case")
    assert [each.base_quantity for each in prices(dumplings)] == [Decimal("10.92"), Decimal("10.2")]
    assert [each.price for each in prices(dumplings)] == [100, Decimal("107.058824")]


def test_more_than_agreed_is_told_in_the_unit_of_the_agreement(buying, supplier):
    dumplings = buying.item("Dumplings", "kg", *CASE)
    name = learn(supplier.id, "Пельмени 0,91", buying.unit("pack"), dumplings.id)
    name.agreed_price, name.agreed_from = Decimal("90.00"), date(2026, 5, 1)
    early = buying.enter(supplier, "2026-04-30", (dumplings, 1, "case", "1092.00"))
    assert kinds(early) == []
    [found] = buying.enter(supplier, "2026-05-02", (dumplings, 1, "case", "1092.00")).findings
    assert (found.kind, found.money) == ("above_agreed", Decimal("12.00"))
    assert (found.evidence["agreed"], found.evidence["paid"], found.evidence["unit"]) == ("90", "91", "pack")


def test_many_papers_are_noted_together_as_one_by_one(buying, supplier, flour, statements):
    papers = [
        buying.paper(supplier, f"2026-05-{day:02}", (flour, 1, "kg", total))
        for day, total in enumerate(("100", "104", "108.16", "112.49", "150"), start=1)
    ]
    with statements() as few:
        found = note_all_prices([(each.invoice, each.lines) for each in papers[:2]])
    with statements() as many:
        found += note_all_prices([(each.invoice, each.lines) for each in papers[2:]])
    assert [each.kind for each in found] == ["price_drift", "price_shock"]
    # What is told has its words looked up.
    assert many.total <= few.total + 2
    assert flour.current_cost_per_unit == 150
