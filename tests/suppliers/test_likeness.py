"""Doubles among suppliers: what makes two of them one, and what does not."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from portal.suppliers.likeness import MAX_OF_ONE, Likeness, find_pairs, name_key


@dataclass(frozen=True)
class Card:
    name: str
    tax_id: str | None = None
    kpp: str | None = None
    id: UUID = field(default_factory=uuid4)


def likeness_of(*cards):
    return [pair.likeness for pair in find_pairs(cards)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", 'Ромашка ООО"'),
        ("ИП Ёлкин А. Б.", "Елкин А.Б."),
        ("Общество с ограниченной ответственностью «Север»", "СЕВЕР"),
        ("Метро опт", "METPO опт"),
    ],
)
def test_legal_form_quotes_case_and_look_alike_letters_do_not_part_a_name(one, other):
    assert name_key(one) == name_key(other)
    assert likeness_of(Card(one), Card(other)) == [Likeness.NAME]


def test_a_latin_name_stays_latin():
    assert name_key("Metro Cash & Carry") == "metro cash carry"


def test_one_number_of_the_tax_office_is_one_supplier_whatever_it_is_called():
    assert likeness_of(Card("Север", "7707083893"), Card("Юг", "7707083893")) == [Likeness.TAX_ID]


def test_two_branches_of_one_company_are_no_doubles():
    assert likeness_of(Card("Север", "7707083893", "770701001"), Card("Север", "7707083893", "500101001")) == []


def test_two_numbers_are_two_suppliers_though_both_are_called_alike():
    assert likeness_of(Card("Север", "7707083893"), Card("Север", "7830002293")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("Мясокомбинат", "Мясокомбинатт"), ("Мясокомбинат", "Мясокомбенат"), ("Молочный двор", "Молочныйдвор")],
)
def test_names_one_letter_apart_are_alike(one, other):
    assert likeness_of(Card(one), Card(other)) == [Likeness.LIKE_NAME]


@pytest.mark.parametrize(
    ("one", "other"), [("Рынок", "Рыбок"), ("Хлебозавод 1", "Хлебозавод 2"), ("Мясной двор", "Молочный двор")]
)
def test_short_names_numbers_and_other_words_are_not(one, other):
    assert likeness_of(Card(one), Card(other)) == []


def test_a_pair_is_told_once_by_the_surest_reason():
    assert likeness_of(Card("Мясокомбинат", "7707083893"), Card("ООО Мясокомбинат", "7707083893")) == [Likeness.TAX_ID]


def test_a_name_without_any_word_is_like_nothing():
    assert likeness_of(Card("ООО"), Card("«»")) == []


def test_a_crowd_of_one_name_does_not_make_a_pair_of_each_two():
    assert len(find_pairs([Card("Север") for _each in range(500)])) == MAX_OF_ONE * (MAX_OF_ONE - 1) // 2
