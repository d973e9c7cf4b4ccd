"""What the kinds make of iiko's trees; each of these has gone wrong somewhere."""

import pytest

from portal.iiko.client.answers import IikoFailure
from portal.iiko.kinds import DEPARTMENTS, KINDS, LEGAL_ENTITIES, STORES
from portal.iiko.sync.kinds import KindReading, ReadRow, Ref, Unreadable
from portal.iiko.sync.reasons import Reason
from portal.stores.models import StoreKind
from tests.iiko.trees import answer, company, guid, item

CORP, FIRM, CAFE, POINT, STORE, LONE = (guid(number) for number in range(1, 7))


def read(kind, departments, stores=()):
    reading = KindReading()
    answers = {"departments": answer(*departments), "stores": answer(*stores)}
    return list(kind.read(answers, reading)), reading


def tree(*more):
    return [
        item(CORP, "CORPORATION", "Сеть"),
        company(FIRM, 'ООО "Ромашка"', CORP),
        item(CAFE, "DEPARTMENT", 'Кафе "Лес" & Ко', FIRM, "001", "<taxpayerIdNumber>0270000000</taxpayerIdNumber>"),
        item(POINT, "SALEPOINT", "Зал", CAFE),
        *more,
    ]


def test_every_kind_comes_after_those_that_it_depends_on():
    keys = list(KINDS)
    assert set(keys) == {
        "legal_entities", "departments", "stores", "units", "suppliers", "products", "incoming_invoices"
    }  # fmt: skip
    assert all(keys.index(each) < keys.index(kind.key) for kind in KINDS.values() for each in kind.depends_on)


def test_the_numbers_of_a_legal_entity_stand_within_it():
    rows, reading = read(LEGAL_ENTITIES, tree())
    assert [(row.iiko_id, row.values) for row in rows] == [
        (
            FIRM,
            {"name": 'ООО "Ромашка"', "code": "J1", "tax_id": "7800000011", "registration_code": "780101001"},
        )
    ]
    assert reading.facts == {"departments": 1, "corporation_id": CORP}


def test_nothing_of_bank_and_address_is_kept():
    assert "Secret" not in repr(read(LEGAL_ENTITIES, tree())[0])


@pytest.mark.parametrize("number", ["", "123", "78000000111", "7800000011x"])
def test_what_is_no_tax_number_is_none(number):
    rows, _ = read(LEGAL_ENTITIES, [company(FIRM, "ООО", tax_id=number)])
    assert rows[0].values["tax_id"] is None


def test_a_leading_zero_of_a_tax_number_stays():
    rows, _ = read(LEGAL_ENTITIES, [company(FIRM, "ООО", tax_id="0270000000")])
    assert rows[0].values["tax_id"] == "0270000000"


def test_a_restaurant_has_the_nearest_legal_entity_above_it():
    branch = guid(20)
    between = [company(branch, "Филиал", FIRM), item(guid(21), "ORGDEVELOPMENT", "Юг", branch)]
    rows, _ = read(DEPARTMENTS, tree(*between, item(guid(22), "DEPARTMENT", "Юг 1", guid(21))))
    taken = {row.iiko_id: row.values["legal_entity_id"] for row in rows if row.skip is None}
    assert taken == {
        CAFE: Ref("legal_entities", FIRM, 'ООО "Ромашка"'),
        guid(22): Ref("legal_entities", branch, "Филиал"),
    }


def test_only_a_department_is_a_restaurant():
    odd = [item(guid(30), "SPACESHIP", "X", CORP), item(guid(31), None, "Untyped", CORP)]
    rows, _ = read(DEPARTMENTS, tree(*odd))
    assert {row.iiko_id: row.skip for row in rows} == {
        CAFE: None,
        POINT: Reason.TYPE,
        guid(30): Reason.TYPE,
        guid(31): Reason.UNTYPED,
    }
    assert next(row for row in rows if row.iiko_id == guid(30)).details == {"type": "SPACESHIP"}


def test_empty_rows_are_no_restaurants_and_none_is_missing_for_them():
    rows, reading = read(DEPARTMENTS, ["<corporateItemDto/>", "<corporateItemDto/>"])
    assert {(type(row), row.iiko_id) for row in rows} == {(Unreadable, None)}
    assert reading.facts["departments"] == 0


def test_a_second_code_makes_that_row_an_error_and_no_other():
    broken = item(guid(40), "DEPARTMENT", "Два", FIRM, "A", "<code>B</code>")
    rows, _ = read(DEPARTMENTS, tree(broken))
    faulty = [row for row in rows if isinstance(row, Unreadable)]
    assert [(row.iiko_id, row.details["field"]) for row in faulty] == [(guid(40), "code")]
    assert any(row.iiko_id == CAFE and isinstance(row, ReadRow) for row in rows)


@pytest.mark.parametrize("name", ["", " ", "x" * 201])
def test_a_restaurant_that_cannot_be_called_by_its_name_is_an_error(name):
    rows, _ = read(DEPARTMENTS, [item(CAFE, "DEPARTMENT", name)])
    assert isinstance(rows[0], Unreadable)


def test_a_store_belongs_to_the_nearest_restaurant_above_it_over_both_trees():
    stores = [item(STORE, "STORE", "Кухня", POINT), item(guid(50), "STORE", "Бар", STORE)]
    rows, _ = read(STORES, tree(), stores)
    place = Ref("departments", CAFE, 'Кафе "Лес" & Ко')
    assert [row.values["restaurant_id"] for row in rows] == [place, place]


def test_a_store_that_no_restaurant_stands_above_is_told_with_the_places_above_it():
    office = guid(60)
    stores = [item(LONE, "STORE", "Центральный", office)]
    rows, _ = read(STORES, tree(item(office, "CENTRALSTORE", "Распред", FIRM)), stores)
    assert rows[0].skip is Reason.NO_DEPARTMENT
    assert rows[0].nodes == (LONE, office, FIRM, CORP)
    assert [each["name"] for each in rows[0].details["places"]] == ["Центральный", "Распред", 'ООО "Ромашка"', "Сеть"]


@pytest.mark.parametrize("parents", [{1: 1}, {1: 2, 2: 1}, {1: 9}])
def test_a_tree_that_bites_its_tail_or_ends_in_nothing_is_walked_once(parents):
    stores = [item(guid(70 + at), "STORE", f"S{at}", guid(70 + parent)) for at, parent in parents.items()]
    rows, _ = read(STORES, tree(), stores)
    assert {row.skip for row in rows} == {Reason.NO_DEPARTMENT}


def test_of_the_nodes_that_both_trees_name_a_store_tells_none_twice():
    rows, _ = read(STORES, tree(), [item(CAFE, "DEPARTMENT", "Кафе", FIRM), item(STORE, "STORE", "Бар", CAFE)])
    assert [row.iiko_id for row in rows] == [STORE]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Бар 1 этаж", StoreKind.BAR),
        ("Склад кухни", StoreKind.KITCHEN),
        ("Хоз. склад", StoreKind.HOUSEHOLD),
        ("Склад", StoreKind.WAREHOUSE),
        ("Барнаул", StoreKind.OTHER),
        ("Основной", StoreKind.OTHER),
    ],
)
def test_what_a_new_store_is_for_is_guessed_by_its_name(name, kind):
    assert STORES.begin({"name": name}) == {"kind": kind}


def test_an_answer_in_another_envelope_is_none():
    with pytest.raises(IikoFailure):
        list(DEPARTMENTS.read({"departments": answer(envelope="employees")}, KindReading()))
