"""ИНН and КПП: which texts are numbers, and what is wrong with the others."""

import pytest

from portal.suppliers.tax_ids import TaxId, TaxIdFault, check_tax_id, is_registration_code


@pytest.mark.parametrize("number", ["7707083893", "7830002293", "0273074555", "500100732259", "123456789047"])
def test_a_number_whose_check_digits_fit_is_one(number):
    assert check_tax_id(number) == TaxId(number)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("7707083894", TaxIdFault.SUM),
        ("500100732258", TaxIdFault.SUM),
        ("1234567895", TaxIdFault.SUM),
        ("123456789037", TaxIdFault.SUM),
        ("0000000000", TaxIdFault.ZEROS),
        ("000000000000", TaxIdFault.ZEROS),
        ("77070838930", TaxIdFault.LENGTH),
        ("770708389", TaxIdFault.LENGTH),
        ("12", TaxIdFault.LENGTH),
        ("77O7083893", TaxIdFault.SIGNS),
        ("٧٧٠٧٠٨٣٨٩٣", TaxIdFault.SIGNS),
        ("7707083893.0", TaxIdFault.SIGNS),
    ],
)
def test_what_is_no_number_says_why(text, fault):
    assert check_tax_id(text) is fault


@pytest.mark.parametrize(
    ("eaten", "whole"), [("273074555", "0273074555"), ("22800000430", "022800000430")], ids=["company", "person"]
)
def test_a_zero_that_a_spreadsheet_ate_is_restored_where_the_sum_then_fits(eaten, whole):
    found = check_tax_id(eaten)
    assert found == TaxId(whole, restored=True)


def test_blanks_between_the_digits_are_nothing():
    assert check_tax_id(" 7707\u00a0083 893 ") == TaxId("7707083893")


@pytest.mark.parametrize("code", ["770701001", "7707AB001", "99999Z999"])
def test_a_registration_code_is_digits_with_two_signs_of_its_reason(code):
    assert is_registration_code(code)


@pytest.mark.parametrize("code", ["77070100", "7707010011", "7707АБ001", "7707ab001", "77А701001", "770701001\n", ""])
def test_cyrillic_letters_small_ones_and_other_lengths_are_no_registration_code(code):
    assert not is_registration_code(code)
