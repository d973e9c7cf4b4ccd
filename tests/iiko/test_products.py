"""Units, suppliers and products from iiko: who says which is which, packs beside items, what cannot change any more."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit
from portal.catalogue.prices import ItemPrice
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.iiko.kinds import PRODUCTS, SUPPLIERS, UNITS
from portal.iiko.sync.links import accept, accept_alike, refuse
from portal.iiko.sync.models import Word
from portal.iiko.sync.pins import pin, pinned_fields, release
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.wording import reason_in_words
from portal.inventory.models import StocktakeItem
from portal.invoices.models import InvoiceItem
from portal.suppliers.models import Supplier
from tests.fakes.iiko.chain import id_of as iiko_id_of
from tests.fakes.iiko.deliveries import DAIRY, GOODS
from tests.fakes.iiko.purchases import Packing, Product
from tests.iiko.bought import Trade

D = Decimal
BY_NAME = {each.product.name: each.product for each in GOODS}
CHEESE, FLOUR, SALT = BY_NAME["Сыр моцарелла"], BY_NAME["Мука пшеничная в/с"], BY_NAME["Соль"]
KILOGRAM = iiko_id_of("unit", "кг")


@pytest.fixture
def new(engine):
    """A chain that was never read."""
    return Trade(engine)


@pytest.fixture
def trade(engine):
    return Trade(engine).settle()


def packs(item):
    """Its packs as (symbol, from, to), in the order in which they came."""
    query = (
        select(MeasureUnit.symbol, ItemUnit.from_quantity, ItemUnit.to_quantity)
        .join(MeasureUnit, MeasureUnit.id == ItemUnit.from_unit_id)
        .where(ItemUnit.inventory_item_id == item.id)
        .order_by(ItemUnit.position, MeasureUnit.symbol)
    )
    return [tuple(row) for row in db.session.execute(query)]


def unit(symbol):
    return db.session.scalars(select(MeasureUnit).where(func.lower(MeasureUnit.symbol) == symbol)).one()


def test_a_unit_that_is_called_alike_is_linked_by_a_person_and_keeps_its_name(new):
    kilogram = db.session.scalars(select(MeasureUnit).where(MeasureUnit.okei_code == "166")).first()
    kilogram = kilogram or unit("kg")
    before = (kilogram.name, kilogram.symbol)
    run = new.plan("units")
    action = new.engine.action(run, KILOGRAM)
    assert (action.word, action.reason) == (Word.CONFLICT, Reason.ALIKE)
    accept(action)
    new.engine.apply(run)
    db.session.refresh(kilogram)
    assert (kilogram.name, kilogram.symbol, kilogram.iiko_id) == (*before, KILOGRAM)
    assert new.engine.actions(new.plan("units")).keys() == {iiko_id_of("unit", "кг.")}


def test_products_wait_for_their_unit_and_go_on_once_somebody_said_which_it_is(new):
    run = new.plan("units", "products")
    waiting = new.engine.action(run, CHEESE.id)
    assert (waiting.word, waiting.reason) == (Word.SKIP, Reason.NOT_THERE)
    assert reason_in_words(waiting) == "“кг” that it belongs to is not linked yet."
    accept_alike(run)
    assert waiting.word is Word.CREATE
    new.engine.apply(run)
    item = new.item(CHEESE)
    assert (item.name, item.sku, item.category, item.item_type, item.iiko_sync_status) == (
        "Сыр моцарелла", CHEESE.article, "Молочное", "raw_ingredient", "synced",
    )  # fmt: skip


def test_a_unit_that_nobody_knows_becomes_a_unit_of_count(new):
    new.settle()
    portion = unit("порц")
    assert portion.base_factor is None
    assert portion.unit_category_id is not None


def test_packs_are_written_beside_their_items_in_few_units(trade):
    assert packs(trade.item(CHEESE)) == [("упак.", D(1), D("0.91"))]
    assert packs(trade.item(FLOUR)) == [("мешок", D(1), D(50))]
    assert packs(trade.item(BY_NAME["Картофель"])) == [("мешок", D(1), D(30))]
    assert packs(trade.item(BY_NAME["Яйцо С1"])) == [("коробка", D(1), D(360)), ("лоток", D(1), D(30))]
    assert trade.engine.actions(trade.plan("products"), "products").values()
    assert not [each for each in trade.engine.actions(trade.plan("products")).values() if each.word is not Word.SKIP]


def test_two_packs_of_one_word_are_told_apart_by_their_whole_names(trade):
    small, large = Packing("бут. 0,5", D("0.5")), Packing("бут. 0,7", D("0.7"))
    water = trade.purchases.add(Product("Вода", "л", "70001", packings=(small, large)))
    trade.sync("products")
    assert packs(trade.item(water)) == [("бут.", D(1), D("0.5")), ("бут. 0,7", D(1), D("0.7"))]


@pytest.mark.parametrize("packing", [Packing("кг", D(1)), Packing("г", D("0.002")), Packing("штука", D("99999999999"))])
def test_a_pack_that_contradicts_the_measures_or_cannot_be_held_is_none(trade, packing):
    odd = trade.purchases.add(Product("Странное", "кг", "70002", packings=(packing,)))
    run = trade.sync("products")
    found = packs(trade.item(odd))
    assert trade.engine.action(run, odd.id).word is Word.CREATE
    assert not [each for each in found if each[0] in ("г", "g", "кг", "kg")]


def test_a_piece_as_a_pack_is_the_piece_that_the_chain_has(trade):
    egg = trade.purchases.add(Product("Лимон", "кг", "70003", packings=(Packing("шт", D("0.12")),)))
    trade.sync("products")
    assert packs(trade.item(egg)) == [(unit("шт").symbol, D(1), D("0.12"))]


def test_a_shrunk_pack_makes_the_price_rise_though_it_stood_still(trade):
    trade.bring("packs")
    shrunk = replace(CHEESE, packings=(replace(CHEESE.packings[0], count=D("0.85")),))
    trade.purchases.add(shrunk)
    old = trade.odd["packs"]
    line = replace(old.lines[0], product=shrunk, packing=shrunk.packings[0], amount=D("10.2"))
    later = replace(old, number="П-2", key="", lines=(line,), received=old.received + timedelta(days=1))
    trade.purchases.add(later)
    run = trade.sync("products", "incoming_invoices")
    assert trade.engine.action(run, CHEESE.id).changes == {"packs": ["упак. 0,91 кг = 0.91", "упак. 0,91 кг = 0.85"]}
    assert packs(trade.item(CHEESE)) == [("упак.", D(1), D("0.85"))]
    assert [price.price for price in trade.prices(CHEESE)] == [D("107.058824"), D("100.000000")]
    invoice = trade.invoice(later)
    assert [(each.quantity, each.unit_price) for each in trade.lines(invoice)] == [(D(12), D(91))]
    assert "pack_shrunk" in trade.exceptions(invoice)


def test_a_pack_that_iiko_has_no_more_stays_for_older_papers(trade):
    trade.purchases.add(replace(CHEESE, packings=()))
    trade.sync("products")
    assert packs(trade.item(CHEESE)) == [("упак.", D(1), D("0.91"))]


def test_a_pack_that_a_person_changed_stays_and_is_pinned(trade):
    item = trade.item(CHEESE)
    row = db.session.scalars(select(ItemUnit).where(ItemUnit.inventory_item_id == item.id)).one()
    row.to_quantity = D("0.9")
    db.session.flush()
    assert pinned_fields(PRODUCTS, item.id) == {"packs"}
    trade.purchases.add(replace(CHEESE, packings=(replace(CHEESE.packings[0], count=D("0.85")),)))
    trade.sync("products")
    assert packs(item) == [("упак.", D(1), D("0.9"))]
    release(item, "packs")
    assert pinned_fields(PRODUCTS, item.id) == frozenset()


def test_the_unit_of_an_item_that_was_only_counted_cannot_change_any_more(trade, world):
    item = trade.item(CHEESE)
    for told in (ItemPrice, InvoiceItem):
        assert not db.session.scalars(select(told.id).where(told.inventory_item_id == item.id)).all()
    line = StocktakeItem(stocktake_id=world.pelmenya.id_of("stocktake"), inventory_item_id=item.id)
    db.session.add(line)
    db.session.flush()
    trade.purchases.add(replace(CHEESE, unit="шт"))
    action = trade.engine.action(trade.plan("products"), CHEESE.id)
    assert (action.word, action.reason) == (Word.CONFLICT, Reason.COUNTED)


def test_the_unit_of_an_item_with_a_history_cannot_change_any_more(trade):
    trade.bring("packs")
    trade.purchases.add(replace(CHEESE, unit="шт"))
    run = trade.plan("products")
    action = trade.engine.action(run, CHEESE.id)
    assert (action.word, action.reason) == (Word.CONFLICT, Reason.COUNTED)
    with pytest.raises(MoveRefused):
        accept(action)
    refuse(action)
    trade.engine.apply(run)
    kilogram = db.session.scalars(select(MeasureUnit.id).where(MeasureUnit.iiko_id == KILOGRAM)).one()
    assert trade.item(CHEESE).default_unit_id == kilogram
    assert pinned_fields(PRODUCTS, trade.item(CHEESE).id) == {"default_unit_id"}
    again = trade.engine.actions(trade.plan("products"), "products").get(CHEESE.id)
    assert again is None or again.word is Word.UPDATE


def test_the_unit_of_an_item_that_was_never_bought_follows_iiko(trade):
    trade.purchases.add(replace(SALT, unit="шт"))
    trade.sync("products")
    assert trade.item(SALT).default_unit_id == unit("шт").id


def test_two_products_of_one_name_or_article_are_told_and_the_others_are_written(trade):
    twin = trade.purchases.add(Product("соль", "кг", "70010"))
    cousin = trade.purchases.add(Product("Перец", "кг", SALT.article, key="cousin"))
    run = trade.sync("products")
    actions = trade.engine.actions(run, "products")
    assert {actions[each.id].reason for each in (twin, cousin)} == {Reason.TAKEN}
    assert reason_in_words(actions[twin.id]) == "Another one has “соль” already. Change one of them, here or in iiko."
    assert trade.item(twin) is trade.item(cousin) is None


def test_a_product_that_takes_the_name_of_another_waits(trade):
    trade.purchases.add(replace(FLOUR, name="Соль"))
    run = trade.sync("products")
    assert (trade.engine.action(run, FLOUR.id).reason, trade.item(FLOUR).name) == (Reason.TAKEN, FLOUR.name)


def test_an_item_of_ours_that_looks_like_it_is_proposed_by_name_and_article(new):
    kilogram = unit("kg") if db.session.scalar(select(MeasureUnit.id).where(MeasureUnit.symbol == "kg")) else unit("кг")
    ours = InventoryItem(name="СОЛЬ", sku="X-1", default_unit_id=kilogram.id)
    db.session.add(ours)
    db.session.flush()
    run = new.plan("units", "products")
    accept_alike(run)
    action = new.engine.action(run, SALT.id)
    assert (action.word, action.details["candidates"][0]["name"]) == (Word.CONFLICT, "СОЛЬ")


def supplier(told):
    query = select(Supplier).where(Supplier.iiko_id == told.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def test_a_supplier_comes_with_its_contacts_and_follows_iiko_in_them(trade):
    found = supplier(DAIRY)
    assert (found.name, found.tax_id, found.phone, found.email) == (
        "ООО «Молочный двор»", "7805123400", "+7 812 555-01-01", "sales@milk.example",
    )  # fmt: skip
    found.contact_info = {**found.contact_info, "address": "Лесная, 1"}
    db.session.flush()
    trade.purchases.add(replace(DAIRY, phone="+7 812 555-09-09"))
    run = trade.sync("suppliers")
    assert trade.engine.action(run, DAIRY.id).changes == {"phone": ["+7 812 555-01-01", "+7 812 555-09-09"]}
    found = supplier(DAIRY)
    assert (found.phone, found.contact_info["address"]) == ("+7 812 555-09-09", "Лесная, 1")


def test_a_contact_that_a_person_typed_is_pinned_by_itself(trade):
    found = supplier(DAIRY)
    found.phone = "+7 999"
    db.session.flush()
    assert pinned_fields(SUPPLIERS, found.id) == {"phone"}
    trade.purchases.add(replace(DAIRY, phone="+7 000", email="new@milk.example"))
    trade.sync("suppliers")
    found = supplier(DAIRY)
    assert (found.phone, found.email) == ("+7 999", "new@milk.example")
    release(found, "phone")
    assert found.phone == "+7 000"


def test_a_wrong_tax_number_is_kept_as_it_is(trade):
    trade.purchases.add(replace(DAIRY, tax_id="7805123405"))
    trade.sync("suppliers")
    assert supplier(DAIRY).tax_id == "7805123405"


def test_units_are_pinned_by_nobody(trade):
    kilogram = db.session.scalars(select(MeasureUnit).where(MeasureUnit.iiko_id == KILOGRAM)).one()
    kilogram.edit(name="Кило")
    db.session.flush()
    assert pinned_fields(UNITS, kilogram.id) == frozenset()
    pin(trade.item(SALT), "category")
    assert pinned_fields(PRODUCTS, trade.item(SALT).id) == {"category"}
