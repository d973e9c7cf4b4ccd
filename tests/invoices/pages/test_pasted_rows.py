"""Rows out of a spreadsheet become the texts of the form's fields."""

import pytest

from portal.invoices.pasted_page import pasted_rows, rate_in


def test_headings_say_what_the_columns_are():
    text = (
        "№\tАртикул\tНаименование товара\tЕд. изм.\tКол-во\tЦена\tСтавка НДС\tСумма НДС\tСумма с НДС\r\n"
        "1\tA-15\tМолоко 3,2 %\tшт.\t12\t81,97\t22%\t216,40\t1 200,04\r\n"
        "2\t\tСыр\tкг\t2,315\t189,90\tбез НДС\t\t439,62\r\n"
        "\t\tИтого\t\t\t\t\t216,40\t1 639,66\r\n"
    )
    assert pasted_rows(text) == [
        {
            "supplier_sku": "A-15",
            "description": "Молоко 3,2 %",
            "unit_id": "шт.",
            "quantity": "12",
            "unit_price": "81,97",
            "vat_amount": "216,40",
            "vat_rate": "22",
            "line_total": "1 200,04",
        },
        {
            "description": "Сыр",
            "unit_id": "кг",
            "quantity": "2,315",
            "unit_price": "189,90",
            "vat_rate": "none",
            "line_total": "439,62",
        },
    ]


def test_a_title_above_the_headings_is_passed_over_and_english_headings_are_known():
    text = "Invoice 12 of 3 May\n\nDescription\tQty\tUnit\tPrice\tTotal\nMilk\t2\tl\t50\t100"
    assert pasted_rows(text) == [
        {"description": "Milk", "quantity": "2", "unit_id": "l", "unit_price": "50", "line_total": "100"}
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Milk\t2\tl\t50\t100", ("2", "l", "50", "100")),
        ("1\tMilk\tl\t2\t50\t100", ("2", "l", "50", "100")),
        ("1.\tMilk\tl\t2\t50", ("2", "l", "50", None)),
        ("Milk\t2", ("2", None, None, None)),
        ("Milk;2;l;50;100", ("2", "l", "50", "100")),
    ],
)
def test_without_headings_the_order_of_papers_is_taken(row, told):
    [found] = pasted_rows(row)
    assert found["description"] == "Milk"
    assert tuple(found.get(name) for name in ("quantity", "unit_id", "unit_price", "line_total")) == told


def test_without_headings_the_vat_stands_before_the_sum():
    [found] = pasted_rows("Milk\tl\t2\t409,84\t819,67\t22%\t180,33\t1000,00")
    assert (found["vat_rate"], found["vat_amount"], found["line_total"]) == ("22", "180,33", "1000,00")


def test_a_rate_in_the_column_of_vat_is_no_amount():
    [found] = pasted_rows("Товар\tКол-во\tЦена\tНДС\tСумма\nМолоко\t1\t110\t10%\t110")
    assert found["vat_rate"] == "10"
    assert "vat_amount" not in found


def test_a_line_break_within_a_quoted_cell_is_a_blank():
    [found] = pasted_rows('Name\tQty\n"Milk\n3.2 %"\t2')
    assert found == {"description": "Milk 3.2 %", "quantity": "2"}


@pytest.mark.parametrize(
    ("text", "rate"),
    [("22%", "22"), ("НДС 20 %", "20"), ("22/122", "22"), ("5,5 %", "5.5"), ("без НДС", "none"),
     ("Без налога (НДС)", "none"), ("No VAT", "none"), ("22", None), ("soon", None), ("", None), ("0%", "0")],
)  # fmt: skip
def test_rates_are_read_as_papers_write_them(text, rate):
    assert rate_in(text) == rate


def test_a_quotation_mark_that_is_never_closed_makes_one_row_however_long():
    [row] = pasted_rows('"' + "x" * 200_000)
    assert row.keys() == {"description"}


@pytest.mark.parametrize("text", ["", "\n\t\n", "\0", "Итого\t\t100", '"', "\t" * 5000])
def test_what_holds_no_rows_gives_none(text):
    assert pasted_rows(text) == []
