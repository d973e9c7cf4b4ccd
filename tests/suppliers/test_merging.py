"""Merging two cards of one supplier: what goes along, what stays, and that it can be taken back whole."""

from datetime import date
from decimal import Decimal

import pytest

from portal.db.base import Base, db
from portal.db.states import MoveRefused
from portal.suppliers.merging import CAME_ALONG, HANGING, keep_apart, merge, twice_numbered, undo
from portal.suppliers.models import Supplier, SupplierMerge
from portal.suppliers.queries import possible_doubles

DAY = date(2026, 9, 7)


@pytest.fixture
def two(buying):
    return buying.supplier("Север", iiko_id="north-1"), buying.supplier("ООО Север", iiko_id="north-2")


@pytest.fixture
def merged(scoped, world):
    """``merged(supplier_id, into_id)`` merges them in a transaction of its own; the id of the merging."""

    def do(supplier_id, into_id):
        with scoped(world.pelmenya.account_id):
            made = merge(db.session.get_one(Supplier, supplier_id), db.session.get_one(Supplier, into_id))
            db.session.commit()
            return made.id

    return do


@pytest.fixture
def undone(scoped, world):
    def do(merge_id):
        with scoped(world.pelmenya.account_id):
            undo(db.session.get_one(SupplierMerge, merge_id))
            db.session.commit()

    return do


@pytest.fixture
def hanging(buying, world, two):
    """A row of each kind on the second card: table to id."""
    chain, (_first, second) = world.pelmenya, two
    item, unit = chain.id_of("inventory_item"), chain.id_of("unit")
    place = {"restaurant_id": chain.restaurant_id, "store_id": chain.store_id}
    invoice = buying.invoice(second, "УТ-1", Decimal(100))
    [line] = buying.sql("SELECT id FROM getinn_ops.invoice_item WHERE invoice_id = %s", [invoice])
    price = {"inventory_item_id": item, "price_date": DAY, "amount": 100, "currency": "RUB", "base_quantity": 1}
    price |= {"quantity": 1, "supplier_id": second}
    period = {"period_from": DAY, "period_to": DAY, "currency": "RUB"}
    return {
        "invoice": invoice,
        "supplier_item": buying.add(
            "supplier_item",
            supplier_id=second, inventory_item_id=item, description="Мука", description_key="мука", unit_id=unit,
        ),
        "document": buying.add(
            "document", supplier_id=second, document_type="other", file_name="a.pdf", file_type="application/pdf",
            sha256="0" * 64, size=1,
        ),
        "inventory_item_price_history": buying.add(
            "inventory_item_price_history", source="manual_update", **price
        ),
        "price_of_line": buying.add(
            "inventory_item_price_history", source="invoice", invoice_item_id=line.id, **price
        ),
        "reconciliation": buying.completed_statement(supplier_id=second, **period, **place),
        "invoice_file": buying.add(
            "invoice_file", supplier_id=second, batch_id=world.pelmenya.id_of("import_batch"), **place
        ),
        "supplier_layout": buying.add("supplier_layout", supplier_id=second, purpose="invoice", headings_key="a|b"),
    }  # fmt: skip


def table_of(kind):
    return "inventory_item_price_history" if kind == "price_of_line" else kind


def test_every_table_that_names_a_supplier_goes_along():
    keys = {
        (table.name, key.parent.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column is Supplier.__table__.c.id
    }
    known = {(each.__tablename__, "supplier_id") for each in HANGING}
    themselves = {("supplier", "merged_into_id"), ("supplier_merge", "supplier_id"), ("supplier_merge", "into_id")}
    assert keys == known | themselves


def test_everything_that_hangs_on_the_card_goes_along(buying, two, merged, hanging):
    first, second = two
    merged(second, first)
    assert {kind: buying.of(table_of(kind), row_id) for kind, row_id in hanging.items()} == dict.fromkeys(
        hanging, first
    )
    assert (buying.of("supplier", second, "merged_into_id"), buying.of("supplier", second, "is_active")) == (
        first,
        False,
    )


def test_undoing_takes_back_what_went_along_and_leaves_what_came_since(buying, two, merged, undone, hanging):
    first, second = two
    merge_id = merged(second, first)
    since = buying.invoice(first, "УТ-2", Decimal(50))
    undone(merge_id)
    found = {kind: buying.of(table_of(kind), row_id) for kind, row_id in hanging.items()}
    assert found == dict.fromkeys(hanging, second)
    assert buying.of("invoice", since) == first
    assert buying.of("supplier", second, "merged_into_id") is None
    assert buying.of("supplier", second, "is_active") is True


def test_a_price_noted_since_of_an_invoice_that_returns_returns_with_it(buying, two, merged, undone, world):
    first, second = two
    invoice = buying.invoice(second, "УТ-1", Decimal(100))
    merge_id = merged(second, first)
    [line] = buying.sql("SELECT id FROM getinn_ops.invoice_item WHERE invoice_id = %s", [invoice])
    price = buying.add(
        "inventory_item_price_history",
        inventory_item_id=world.pelmenya.id_of("inventory_item"), price_date=DAY, source="invoice", amount=100,
        quantity=1, base_quantity=1, currency="RUB", supplier_id=first, invoice_item_id=line.id,
    )  # fmt: skip
    undone(merge_id)
    assert buying.of("inventory_item_price_history", price) == second


def test_both_invoices_of_one_number_stay_and_the_one_that_came_says_why_it_may(buying, two, merged, undone):
    first, second = two
    here, came = buying.invoice(first, "УТ-000123", Decimal(10)), buying.invoice(second, "YT-123", Decimal(20))
    other_year = buying.invoice(second, "УТ-123", Decimal(20), invoice_date=date(2025, 9, 7))
    cancelled = buying.invoice(second, "УТ-123", Decimal(20), status="cancelled")
    merge_id = merged(second, first)
    told = {each: buying.of("invoice", each, "duplicate_reason") for each in (here, came, other_year, cancelled)}
    assert told == {here: None, came: CAME_ALONG, other_year: None, cancelled: None}
    assert buying.of("supplier_merge", merge_id, "moved")["twice"] == [str(came)]
    undone(merge_id)
    assert buying.of("invoice", came, "duplicate_reason") is None
    assert buying.of("invoice", came) == second


def test_each_number_that_stands_twice_is_a_question_with_its_money_until_it_stands_once_again(
    buying, two, merged, undone, superuser_sql
):
    first, second = two
    here, came = buying.invoice(first, "УТ-1", Decimal(10)), buying.invoice(second, "УТ-1", Decimal(25))
    merge_id = merged(second, first)
    asked = "SELECT * FROM getinn_ops.invoice_exception WHERE invoice_id = ANY(%s)"
    [question] = superuser_sql(asked, [[here, came]])
    assert (question.invoice_id, question.kind, question.state) == (came, "duplicate", "open")
    assert question.money_at_stake == Decimal(25)
    assert (question.evidence["rule"], question.evidence["invoice_id"]) == ("R1", str(here))
    undone(merge_id)
    assert [row.state for row in superuser_sql(asked, [[here, came]])] == ["resolved"]


def test_an_invoice_that_is_asked_about_already_is_asked_about_once(buying, two, merged, superuser_sql):
    first, second = two
    buying.invoice(first, "УТ-1", Decimal(10))
    came = buying.invoice(second, "УТ-1", Decimal(25))
    buying.add("invoice_exception", invoice_id=came, kind="duplicate", money_at_stake=1)
    merged(second, first)
    assert len(superuser_sql("SELECT id FROM getinn_ops.invoice_exception WHERE invoice_id = %s", [came])) == 1


def test_a_number_that_was_taken_at_the_card_meanwhile_stays_explained_when_its_invoice_returns(
    buying, two, merged, undone
):
    first, second = two
    came = buying.invoice(second, "УТ-1", Decimal(10))
    merge_id = merged(second, first)
    buying.invoice(second, "УТ-1", Decimal(10))
    undone(merge_id)
    assert (buying.of("invoice", came), buying.of("invoice", came, "duplicate_reason")) == (second, CAME_ALONG)


def test_a_name_that_both_know_stays_with_each_of_them(buying, two, merged, world):
    first, second = two
    told = {
        "inventory_item_id": world.pelmenya.id_of("inventory_item"),
        "description": "Мука",
        "description_key": "мука",
    }
    mine, other = (buying.add("supplier_item", supplier_id=each, **told) for each in (first, second))
    merged(second, first)
    assert (buying.of("supplier_item", mine), buying.of("supplier_item", other)) == (first, second)


def test_what_was_merged_into_it_before_leads_on_to_the_one_that_stays(buying, two, merged, undone):
    first, second = two
    third = buying.supplier("Севера")
    merged(third, second)
    merge_id = merged(second, first)
    assert buying.of("supplier", third, "merged_into_id") == first
    undone(merge_id)
    assert buying.of("supplier", third, "merged_into_id") == second


def test_of_a_chain_of_mergings_the_last_one_is_undone_first(buying, two, merged, undone):
    first, second = two
    third = buying.supplier("Севера")
    earlier = merged(third, second)
    merged(second, first)
    with pytest.raises(MoveRefused, match="Undo that first"):
        undone(earlier)


def test_nothing_is_merged_twice_nor_into_itself_nor_undone_twice(two, merged, undone):
    first, second = two
    merge_id = merged(second, first)
    for pair in ((second, first), (first, second), (first, first)):
        with pytest.raises(MoveRefused):
            merged(*pair)
    undone(merge_id)
    with pytest.raises(MoveRefused, match="undone already"):
        undone(merge_id)


def test_numbers_without_a_key_stand_as_often_as_they_like(buying, two, scoped, world):
    first, second = two
    buying.invoice(first, "б/н", Decimal(10))
    buying.invoice(second, "б/н", Decimal(10))
    with scoped(world.pelmenya.account_id):
        assert twice_numbered(second, first) == {}


def test_the_log_tells_it_on_both_cards(two, merged, undone, superuser_sql):
    first, second = two
    undone(merged(second, first))
    lines = superuser_sql(
        "SELECT entity_id, action, before, after FROM getinn_ops.audit_event WHERE entity_id = ANY(%s) ORDER BY at, id",
        [[first, second]],
    )
    told = {(line.entity_id, line.action) for line in lines}
    assert told == {(first, "merged"), (second, "merged"), (first, "unmerged"), (second, "unmerged")}
    [of_second] = [line for line in lines if (line.entity_id, line.action) == (second, "merged")]
    assert of_second.after == {"merged_into_id": "Север", "moved_invoices": 0, "twice": 0}


def test_doubles_are_proposed_until_somebody_says_that_they_are_two(two, scoped, world):
    with scoped(world.pelmenya.account_id):
        assert [pair.key for pair in possible_doubles()] == [frozenset(two)]
        keep_apart(*(db.session.get_one(Supplier, each) for each in two))
        assert possible_doubles() == []


def test_what_was_taken_apart_again_is_not_proposed_anew(two, scoped, world, merged, undone):
    undone(merged(two[1], two[0]))
    with scoped(world.pelmenya.account_id):
        assert possible_doubles() == []
