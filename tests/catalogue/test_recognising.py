"""What suppliers call items, and what units are called."""

import pytest
from sqlalchemy import select

from portal.catalogue.models import MeasureUnit
from portal.catalogue.names import SupplierItem
from portal.catalogue.seeds import seed_units
from portal.catalogue.supplier_items import Lesson, description_key, learn, learn_all, recognise, recognise_all
from portal.catalogue.unit_names import UnitNames
from portal.db.base import db


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Сыр 50% 0,5кг", "СЫР  50 %, 0.5 кг"),
        ("Молоко «Домик»", 'молоко "домик"'),
        ("Cыр", "Сыр"),
        ("Мёд", "мед"),
        ("Coca-Cola 0.5", "COCA COLA 0,5"),
    ],
)
def test_descriptions_are_alike_whatever_they_were_typed_with(one, other):
    assert description_key(one) == description_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Вода 1,5 л", "Вода 15 л"), ("Сыр 50%", "Сыр 45%"), ("Филе 1", "Филе 2"), ("Сыр", "Сырок")]
)
def test_numbers_and_words_tell_descriptions_apart(one, other):
    assert description_key(one) != description_key(other)


@pytest.mark.parametrize("text", ["", " ", "—", "№ !!!"])
def test_a_description_without_words_is_never_recognised(buying, text):
    assert description_key(text) == ""
    supplier, item = buying.supplier(), buying.item("Flour")
    assert learn(supplier.id, text, None, item.id) is None
    assert recognise(supplier.id, [(text, None)]) == {}


def test_a_long_description_fits_its_index(buying):
    supplier, item = buying.supplier(), buying.item("Flour")
    text = "слово " * 5_000
    assert learn(supplier.id, text, None, item.id).inventory_item_id == item.id
    assert recognise(supplier.id, [(text, None)])[text, None].inventory_item_id == item.id


def test_what_was_learned_is_recognised_from_that_supplier_alone(buying):
    supplier, other, item = buying.supplier(), buying.supplier("Another"), buying.item("Flour")
    learn(supplier.id, "Мука в/с", buying.units["kg"], item.id, sku="M-1")
    found = recognise(supplier.id, [("МУКА В/С", buying.units["kg"]), ("Соль", None)])
    assert {key: row.inventory_item_id for key, row in found.items()} == {("МУКА В/С", buying.units["kg"]): item.id}
    assert recognise(other.id, [("МУКА В/С", buying.units["kg"])]) == {}


def test_in_a_new_unit_the_words_mean_what_they_always_meant(buying):
    supplier, flour, bran = buying.supplier(), buying.item("Flour"), buying.item("Bran")
    learn(supplier.id, "Мука", buying.units["kg"], flour.id)
    wanted = [("Мука", buying.unit("bag"))]
    assert recognise(supplier.id, wanted)[wanted[0]].inventory_item_id == flour.id
    learn(supplier.id, "Мука", buying.unit("case"), bran.id)
    assert recognise(supplier.id, wanted) == {}


def test_a_later_lesson_corrects_an_earlier_one_and_keeps_what_was_agreed(buying):
    supplier, flour, bran = buying.supplier(), buying.item("Flour"), buying.item("Bran")
    first = learn(supplier.id, "Мука", None, flour.id, sku="M-1")
    first.agreed_price = 50
    db.session.flush()
    second = learn(supplier.id, "мука", None, bran.id)
    assert (second.id, second.inventory_item_id, second.supplier_sku) == (first.id, bran.id, "M-1")
    assert second.agreed_price == 50


def test_an_archived_item_is_not_recognised(buying):
    supplier, item = buying.supplier(), buying.item("Flour")
    learn(supplier.id, "Мука", None, item.id)
    item.is_active = False
    db.session.flush()
    assert recognise(supplier.id, [("Мука", None)]) == {}


def test_many_are_learned_and_recognised_in_few_statements(buying, statements):
    suppliers = [buying.supplier(f"Supplier {number}") for number in range(3)]
    item = buying.item("Flour")
    lessons = [Lesson(each.id, f"Мука {number}", None, item.id) for each in suppliers for number in range(20)]
    with statements() as counted:
        learn_all([*lessons, *lessons])
        found = recognise_all([(each.supplier_id, each.description.upper(), None) for each in lessons])
    assert (len(found), counted.total) == (60, 2)
    assert len(db.session.scalars(select(SupplierItem.id).where(SupplierItem.inventory_item_id == item.id)).all()) == 60


@pytest.mark.parametrize(
    ("text", "code", "unit"),
    [
        ("кг", None, "kg"),
        ("КГ.", None, "kg"),
        ("килограмм", None, "kg"),
        ("Kilogram", None, "kg"),
        ("шт", None, "pc"),
        ("Штука", None, "pc"),
        ("pcs", None, "pc"),
        ("что-то", "796", "pc"),
        (None, "112", "l"),
        ("гр", None, "g"),
        ("мл", None, "ml"),
        ("", None, None),
        ("?!", None, None),
        ("ведро", None, None),
        ("ведро", "999", None),
    ],
)
def test_units_are_known_by_symbol_name_and_code_in_both_languages(buying, text, code, unit):
    assert UnitNames().find(text, code) == (buying.units[unit] if unit else None)


def test_a_unit_of_the_chains_own_comes_before_what_others_are_also_called(buying):
    own = buying.unit("ед")
    assert UnitNames().find("ед") == own


def test_a_unit_whose_symbol_is_a_sign_is_not_meant_by_an_unknown_code(buying):
    buying.unit("%")
    assert [UnitNames().find(text, "999") for text in (None, "", "?!")] == [None, None, None]


def test_the_units_that_every_chain_has_are_made_once_and_left_as_they_are(buying):
    kilogram = db.session.get(MeasureUnit, buying.units["kg"])
    kilogram.name = "Кило"
    db.session.flush()
    count = len(db.session.scalars(select(MeasureUnit.id)).all())
    seed_units()
    assert len(db.session.scalars(select(MeasureUnit.id)).all()) == count
    assert db.session.get(MeasureUnit, buying.units["kg"]).name == "Кило"
    assert all(db.session.get(MeasureUnit, each).is_given for each in buying.units.values())
