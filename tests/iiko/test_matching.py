"""Which of ours look like a row of iiko's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.sync.folding import fold
from portal.iiko.sync.matching import Free, Likeness
from tests.iiko.rows import DEPARTMENTS, LEGAL_ENTITIES, STORES, department, id_of, store


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", "Ромашка, ООО"),
        ("Ёлка", "ЕЛКА"),
        ("Кафе\u00a0 Лес", "кафе лес"),
        ("ИП Иванов И. И.", "Иванов И. И."),
        ("Общество с ограниченной ответственностью “Лес”", "ООО Лес"),
        ("Ｃａｆｅ №1", "cafe no1"),
        ("Лес — бар", "Лес - бар"),
    ],
)
def test_names_are_alike_whatever_their_case_quotes_spaces_and_legal_form(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("name", ["ООО", "ИП", "АО ЗАО"])
def test_a_name_that_is_nothing_but_a_legal_form_is_kept(name):
    assert fold(name)


def test_a_legal_form_within_a_word_belongs_to_the_name():
    assert fold("Аорта") != fold("рта")
    assert fold("Ипполит") == "ипполит"


@given(st.text(max_size=40))
def test_what_was_folded_once_is_folded(name):
    assert fold(fold(name)) == fold(name)


def free(name, **values):
    return Free(id_of(name), name, {"name": name, **values})


def test_the_one_with_the_same_tax_id_and_name_comes_first():
    row = department("c")
    company = type(row)("c", "ООО Лес", {"name": "ООО Лес", "tax_id": "7800000011"})
    both = Free(id_of("both"), "Лес", {"name": "Лес", "tax_id": "7800000011"})
    found = Likeness(LEGAL_ENTITIES, [free("ЛЕС", tax_id=None), free("Branch", tax_id="7800000011"), both]).candidates(
        company, None
    )
    assert [each.name for each in found] == ["Лес", "Branch", "ЛЕС"]
    assert found[0].by == ("name", "tax_id")


def test_a_store_is_alike_within_its_restaurant_alone():
    here, there = id_of("here"), id_of("there")
    likeness = Likeness(STORES, [Free(id_of("a"), "Кухня", {"name": "Кухня", "restaurant_id": there})])
    assert likeness.candidates(store("s", "r"), here) == []
    assert likeness.candidates(store("s", "r"), None) == []
    assert len(likeness.candidates(store("s", "r"), there)) == 1


def test_what_somebody_refused_is_not_proposed():
    likeness = Likeness(DEPARTMENTS, [free("Лес"), free("ЛЕС")])
    assert [each.name for each in likeness.candidates(department("d", "лес"), None, but={id_of("Лес")})] == ["ЛЕС"]
