"""The headings of tables as suppliers send them."""

from portal.importing.headings import Header, find_header, numbers_columns

KNOWN = {
    "day": ("дата", "date"),
    "number": ("номер", "документ", "number"),
    "total": ("сумма", "сумма с НДС", "всего с НДС", "amount"),
    "vat": ("сумма НДС", "НДС"),
    "unit": ("ед.", "ед. изм."),
    "quantity": ("количество", "кол-во", "quantity"),
}


def numbered(*rows):
    return [(number, list(cells)) for number, cells in enumerate(rows, 1)]


def test_the_row_with_most_known_names_is_the_header_whatever_stands_above():
    rows = numbered(("ООО «Ромашка»", "дата", "04.05.2026"), ("", "Дата:", "Номер № ", "Сумма, руб."), ("1", "2", "3"))
    assert find_header(rows, KNOWN) == Header(2, {"day": 1, "number": 2, "total": 3})


def test_nothing_known_is_no_header():
    assert find_header(numbered(("a", "b"), ("1", "2")), KNOWN) is None
    assert find_header([], KNOWN) is None


def test_a_header_below_the_first_thirty_rows_is_not_looked_for():
    rows = numbered(*[("x",)] * 30, ("Дата", "Номер"))
    assert find_header(rows, KNOWN) is None
    assert find_header(rows[1:], KNOWN) == Header(31, {"day": 0, "number": 1})


def test_the_longest_name_that_a_heading_begins_with_is_its_field():
    rows = numbered(("Количество (объём)", "Сумма НДС, руб.", "Сумма с НДС, руб.", "Единица", "Ед.изм."))
    assert find_header(rows, KNOWN).columns == {"quantity": 0, "vat": 1, "total": 2, "unit": 4}


def test_a_rate_and_an_amount_of_the_same_name_are_told_apart_by_their_sign():
    known = {"rate": ("НДС %", "% НДС"), "vat": ("НДС",)}
    assert find_header(numbered(("НДС", "НДС, %")), known).columns == {"vat": 0, "rate": 1}
    assert find_header(numbered(("%НДС", "НДС")), known).columns == {"rate": 0, "vat": 1}


def test_a_column_named_wholly_goes_before_one_that_only_begins_so_and_the_left_one_before_the_right():
    assert find_header(numbered(("Сумма скидки", "Сумма", "Дата", "Дата")), KNOWN).columns == {"total": 1, "day": 2}


def test_the_row_that_numbers_the_columns_of_a_printed_form_is_known():
    assert numbers_columns(["1", "", "2", "3"])
    assert numbers_columns(["А", "Б", "1", "1а", "2", "3", "4"])
    assert not numbers_columns(["1", "Молоко", "2", "3"])
    assert not numbers_columns(["1", "", "10", "45.00"])
    assert not numbers_columns(["1"])
