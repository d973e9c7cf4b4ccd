"""Rows put together to papers, and what stands above a table."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from portal.invoices.files.fields import Field
from portal.invoices.files.grouping import ReadRow, papers_of
from portal.invoices.files.heads import Head, Said, Whole, number_and_day, read_head
from portal.invoices.files.lines import Line
from portal.invoices.files.rows import rows_of
from portal.invoices.files.titles import Title, find_title

ONE, TWO = UUID(int=1), UUID(int=2)
TODAY = date(2026, 11, 30)
WHOLE = Whole("", None, "RUB", TODAY)


@pytest.fixture(autouse=True)
def context(app):
    """Sentences need a language."""
    with app.test_request_context():
        yield


class Anybody:
    """Knows one supplier and one store."""

    def supplier(self, _texts):
        return ONE, None

    def store(self, _text):
        return TWO, None


def head_of(whole=WHOLE, **texts):
    return read_head({Field(name): text for name, text in texts.items()}, whole, Anybody())


def texts(rows, *fields):
    return [tuple(row.texts.get(Field(field), "") for field in fields) for row in rows if row.is_line]


def numbered(*rows):
    return [(number, list(cells)) for number, cells in enumerate(rows, 2)]


def test_what_is_said_of_a_paper_goes_down_to_its_lines():
    places = {Field.NUMBER: 0, Field.DAY: 1, Field.DESCRIPTION: 2}
    rows = rows_of(numbered(("1", "04.05.2026", "a"), ("", "", "b"), ("2", "", "c")), places)
    assert texts(rows, "number", "day") == [("1", "04.05.2026"), ("1", "04.05.2026"), ("2", "04.05.2026")]


def test_another_paper_keeps_neither_the_total_nor_the_due_day_of_the_one_above():
    places = {Field.NUMBER: 0, Field.STATED: 1, Field.DUE: 2}
    rows = rows_of(numbered(("1", "500", "10.05.2026"), ("", "", ""), ("2", "", "")), places)
    assert texts(rows, "number", "stated_total", "due")[-1] == ("2", "", "")


def test_another_supplier_keeps_nothing_of_the_one_above():
    places = {Field.TAX_ID: 0, Field.SUPPLIER: 1, Field.NUMBER: 2}
    rows = rows_of(numbered(("7707083893", "Ромашка", "5"), ("", "Лютик", "")), places)
    assert texts(rows, "tax_id", "supplier", "number") == [("7707083893", "Ромашка", "5"), ("", "Лютик", "")]


def test_sums_and_the_numbers_of_columns_are_no_lines():
    places = {Field.DESCRIPTION: 0, Field.QUANTITY: 1, Field.TOTAL: 2}
    rows = rows_of(numbered(("1", "2", "3"), ("Молоко", "5", "10"), ("Итого", "", "10")), places)
    assert [row.is_line for row in rows] == [False, True, False]


def row(number, head, currency="RUB", stated=None, total="10", *, problems=()):
    return ReadRow(number, "", head, Said(None, currency, stated), Line(line_total=Decimal(total)), list(problems))


def test_rows_of_one_supplier_store_number_and_day_are_one_paper_wherever_they_stand():
    first, other = Head(ONE, TWO, "5", TODAY), Head(ONE, TWO, "6", TODAY)
    papers = papers_of([row(2, first), row(3, other), row(4, first)])
    assert [[each.number for each in paper.rows] for paper in papers] == [[2, 4], [3]]


def test_papers_without_a_number_end_where_another_one_begins():
    nameless, other = Head(ONE, TWO, "б/н", TODAY), Head(ONE, TWO, "6", TODAY)
    papers = papers_of([row(2, nameless), row(3, nameless), row(4, other), row(5, nameless)])
    assert [[each.number for each in paper.rows] for paper in papers] == [[2, 3], [4], [5]]


def test_two_currencies_in_one_paper_are_refused():
    head = Head(ONE, TWO, "5", TODAY)
    rows = [row(2, head), row(3, head, "USD")]
    assert papers_of(rows) == []
    assert [field for each in rows for field, _told in each.problems] == [Field.CURRENCY] * 2


def test_a_paper_of_which_a_row_is_left_out_states_what_all_of_them_come_to():
    head = Head(ONE, TWO, "5", TODAY)
    (paper,) = papers_of([row(2, head), row(3, head, problems=[(Field.UNIT, "?")])])
    assert (len(paper.rows), paper.stated_total) == (1, Decimal(20))


@pytest.mark.parametrize(
    ("cells", "title"),
    [
        (["Накладная № УТ-000123 от 04.05.2026"], Title("УТ-000123", date(2026, 5, 4))),
        (["", "Счет-фактура №", "123", "от", "4 мая 2026 г."], Title("123", date(2026, 5, 4))),
        (["Универсальный передаточный документ № 12/7 от «04» мая 2026 г."], Title("12/7", date(2026, 5, 4))),
        (["Договор поставки № 5 от 01.02.2026"], None),
        (["Основание: заказ № 5 от 01.02.2026"], None),
        (["Исправление № -- от --"], None),
        (["Прайс-лист на 04.05.2026"], None),
        (["Накладная № 5 от 31.02.2026"], None),
    ],
)
def test_the_number_and_the_day_above_a_table_are_found(cells, title):
    assert find_title([(1, ["ООО «Ромашка»"]), (2, cells)]) == title


def test_a_register_may_name_number_and_day_in_one_cell():
    assert number_and_day("Реализация товаров и услуг УТ-000123 от 04.05.2026 12:00:00") == (
        "УТ-000123", "04.05.2026 12:00:00",
    )  # fmt: skip
    head, _said, problems = head_of(number="Поступление № 77 от 04.05.26")
    assert problems == []
    assert (head.number, head.day) == ("77", date(2026, 5, 4))


def test_number_and_day_may_be_said_for_the_whole_file():
    head, said, _problems = head_of(Whole("5", date(2026, 5, 4), "RUB", TODAY), stated_total="1 000,00")
    assert (head.number, head.day, said.stated_total) == ("5", date(2026, 5, 4), Decimal("1000.00"))


@pytest.mark.parametrize(("day", "told"), [(date(1926, 5, 4), "10 years ago"), (date(2027, 2, 1), "31 days ahead")])
def test_a_day_that_is_said_for_the_whole_file_is_held_to_the_same_years(day, told):
    head, _said, problems = head_of(Whole("5", day, "RUB", TODAY))
    assert head is None
    assert told in dict(problems)[Field.DAY]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("day", "04.05.1926", "10 years ago"), ("day", "01.02.2027", "31 days ahead"), ("day", "вчера", "not a day"),
        ("day", "", "Fill this in"), ("number", "", "б/н"), ("number", "9" * 65, "At most 64"),
        ("currency", "рубли", "three letters"), ("due", "скоро", "not a day"), ("stated_total", "1,234", "two ways"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_head_of_a_paper_is_told_beside_its_field(field, text, told):
    head, _said, problems = head_of(**({"number": "5", "day": "04.05.2026"} | {field: text}))
    assert head is None
    assert told in dict(problems)[Field(field)]


def test_a_day_within_31_days_ahead_and_a_paper_without_number_are_taken():
    assert head_of(number="б/н", day="31.12.2026")[0] == Head(ONE, TWO, "б/н", date(2026, 12, 31))
