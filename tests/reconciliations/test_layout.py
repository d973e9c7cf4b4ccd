"""What is read of a statement's rows of cells, however it is laid out."""

from datetime import date
from decimal import Decimal

import pytest

from portal.reconciliations.layout.books import Party
from portal.reconciliations.layout.days import period_in
from portal.reconciliations.layout.parties import party_of
from portal.reconciliations.layout.reading import read_statement
from portal.reconciliations.layout.words import Movement, document_day, movement_of, number_of

SUPPLIER = "ООО «Молоко»"
US = "ООО «Три ресторана»"


def numbered(*rows):
    return [(place, list(cells)) for place, cells in enumerate(rows, 1)]


# Once, in the supplier's books.
PLAIN = numbered(
    ["", "Акт сверки"],
    ["взаимных расчетов за период: 01.05.2026 - 31.05.2026"],
    ["между ООО «Молоко» и ООО «Три ресторана»"],
    ["По данным ООО «Молоко», руб."],
    ["Дата", "Документ", "Дебет", "Кредит"],
    ["Сальдо начальное", "", "12 000,00", ""],
    ["04.05.2026", "Продажа (УТ-000123 от 04.05.2026)", "15 600,00", ""],
    ["06.05.2026", "Оплата (04.05.2026, № 45)", "", "40 000,00"],
    ["12.05.2026", "Реализация товаров и услуг УТ-000124 от 12.05.2026 12:00:00", "33 650,50", ""],
    ["20.05.2026", "Возврат товаров (№ 7 от 20.05.2026)", "", "500,00"],
    ["Обороты за период", "", "49 250,50", "40 500,00"],
    ["Сальдо конечное", "", "20 750,50", ""],
    ["на 31.05.2026 задолженность в пользу ООО «Молоко» 20 750,50 руб."],
)

# Twice side by side, cells merged, the right side empty.
MERGED = numbered(
    ["Акт сверки", "", "", "", "", "", "", "", "", ""],
    ["с 1 мая 2026 по 31 мая 2026", "", "", "", "", "", "", "", "", ""],
    ["По данным ООО «Молоко», руб.", "", "", "", "", "По данным ООО «Три ресторана», руб.", "", "", "", ""],
    ["Дата", "Документ", "", "Дебет", "Кредит", "Дата", "Документ", "", "Дебет", "Кредит"],
    ["Сальдо на 01.05.2026", "", "", "100.00", "", "Сальдо на 01.05.2026", "", "", "", ""],
    ["04.05.26", "Продажа (УТ-1 от 04.05.2026)", "", "50.00", "", "", "", "", "", ""],
    ["Обороты за период", "", "", "50.00", "", "Обороты за период", "", "", "", ""],
    ["Сальдо на 31.05.2026", "", "", "150.00", "", "Сальдо на 31.05.2026", "", "", "", ""],
)

BLOCKS = numbered(
    ["Дата", "Документ", "Дебет", "Кредит"],
    ["Сальдо начальное", "", "300", ""],
    ["Договор № 1 от 01.01.2026", "", "", ""],
    ["Сальдо начальное", "", "100", ""],
    ["04.05.2026", "Продажа (1 от 04.05.2026)", "10", ""],
    ["Обороты по договору", "", "10", ""],
    ["Сальдо конечное", "", "110", ""],
    ["Договор № 2 от 01.02.2026", "", "", ""],
    ["Сальдо начальное", "", "200", ""],
    ["05.05.2026", "Продажа (2 от 05.05.2026)", "20", ""],
    ["Обороты по договору", "", "20", ""],
    ["Сальдо конечное", "", "220", ""],
    ["Обороты за период", "", "30", ""],
    ["Сальдо конечное", "", "330", ""],
)


def read(rows):
    statement = read_statement(rows)
    return statement, statement.books[0]


def test_rows_are_read_and_what_opens_closes_and_sums_up_is_no_row():
    statement, book = read(PLAIN)
    assert statement.period == (date(2026, 5, 1), date(2026, 5, 31))
    assert statement.currencies == {"RUB"}
    told = [(each.number, each.day, each.movement, each.debit - each.credit) for each in book.entries]
    assert told == [
        ("УТ-000123", date(2026, 5, 4), Movement.DELIVERY, Decimal("15600.00")),
        ("45", date(2026, 5, 4), Movement.PAYMENT, Decimal("-40000.00")),
        ("УТ-000124", date(2026, 5, 12), Movement.DELIVERY, Decimal("33650.50")),
        ("7", date(2026, 5, 20), Movement.RETURN, Decimal("-500.00")),
    ]
    assert [each.row_number for each in book.entries] == [7, 8, 9, 10]


def test_opening_and_rows_make_the_closing():
    """12 000.00 + 49 250.50 − 40 500.00 = 20 750.50, as 12 000.00 + 48 750.50 − 40 000.00 is."""
    _statement, book = read(PLAIN)
    assert (book.opening, book.closing, book.gap) == (Decimal("12000.00"), Decimal("20750.50"), 0)


def test_the_suppliers_own_sums_that_differ_are_told_and_the_rows_are_read_all_the_same():
    rows = [(number, [cell.replace("20 750,50", "20 800,00") for cell in cells]) for number, cells in PLAIN]
    _statement, book = read(rows)
    assert book.gap == Decimal("49.50")
    assert len(book.entries) == 4


def test_of_two_books_side_by_side_the_empty_one_is_none():
    statement, book = read(MERGED)
    assert len(statement.books) == 1
    assert (book.holder, book.opening, book.closing, book.gap) == ("ООО «Молоко»", 100, 150, 0)
    assert [(each.number, each.debit) for each in book.entries] == [("УТ-1", Decimal(50))]


def test_both_books_are_read_where_both_are_filled():
    rows = [(number, list(cells)) for number, cells in MERGED]
    rows[5][1][5:] = ["05.05.2026", "Поступление товаров (УТ-1 от 04.05.2026)", "", "", "50.00"]
    statement, _left = read(rows)
    parties = [party_of(book, [SUPPLIER], [US]) for book in statement.books]
    assert parties == [Party.SUPPLIER, Party.OURS]
    assert [each.amount_for(Party.OURS) for each in statement.books[1].entries] == [Decimal("50.00")]


def test_blocks_by_contract_have_balances_of_their_own_and_the_totals_are_none_of_them():
    _statement, book = read(BLOCKS)
    told = [(each.title, each.opening, each.closing, len(each.entries)) for each in book.blocks]
    assert told == [("Договор № 1 от 01.01.2026", 100, 110, 1), ("Договор № 2 от 01.02.2026", 200, 220, 1)]
    assert (book.opening, book.closing, book.gap, book.block_gaps) == (300, 330, 0, [])


def test_blocks_without_totals_are_added():
    rows = [each for each in BLOCKS if each[0] not in (2, 13, 14)]
    _statement, book = read(rows)
    assert (book.opening, book.closing, book.gap) == (300, 330, 0)


def test_a_block_that_does_not_add_up_is_named():
    rows = [(number, [cell.replace("220", "225") for cell in cells]) for number, cells in BLOCKS]
    assert read(rows)[1].block_gaps == [("Договор № 2 от 01.02.2026", Decimal(5))]


@pytest.mark.parametrize(
    ("holder", "debit", "party"),
    [
        (SUPPLIER, "Продажа", Party.SUPPLIER),
        ("", "Продажа", Party.SUPPLIER),
        ("", "Оплата", Party.OURS),
        (US, "Оплата", Party.OURS),
        (US, "Продажа", None),
        (SUPPLIER, "Оплата", None),
        (SUPPLIER, "Операция", Party.SUPPLIER),
        ("", "Операция", None),
        ("ООО Неизвестные", "Операция", None),
    ],
)
def test_the_books_are_told_by_their_name_and_by_where_goods_stand(holder, debit, party):
    rows = numbered(
        [f"По данным {holder}"], ["Дата", "Документ", "Дебет", "Кредит"], ["04.05.2026", f"{debit} 1", "5", ""]
    )
    assert party_of(read(rows)[1], [SUPPLIER], [US]) is party


def test_in_our_books_everything_stands_the_other_way_round():
    rows = numbered(
        ["Дата", "Документ", "Дебет", "Кредит"],
        ["Сальдо начальное", "", "", "12 000,00"],
        ["04.05.2026", "Поступление товаров (1 от 04.05.2026)", "", "500"],
        ["05.05.2026", "Поступление на расчётный счёт 7", "300", ""],
    )
    _statement, book = read(rows)
    assert party_of(book, [], []) is Party.OURS
    told = [(each.movement_for(Party.OURS), each.amount_for(Party.OURS)) for each in book.entries]
    assert told == [(Movement.DELIVERY, 500), (Movement.PAYMENT, -300)]


@pytest.mark.parametrize(
    ("text", "movement", "number", "day"),
    [
        ("Продажа (УТ-000123 от 04.05.2026)", Movement.DELIVERY, "УТ-000123", date(2026, 5, 4)),
        ("Оплата (04.05.2026, № 45)", Movement.PAYMENT, "45", date(2026, 5, 4)),
        ("УПД № УТ-123 от 4 мая 2026 г.", Movement.DELIVERY, "УТ-123", date(2026, 5, 4)),
        ("Поступление на расчётный счёт 0000-45 от 05.05.2026", Movement.PAYMENT, "0000-45", date(2026, 5, 5)),
        ("Поступление товаров и услуг 12 от 1.5.26", Movement.DELIVERY, "12", date(2026, 5, 1)),
        ("Списание с расчётного счёта", Movement.PAYMENT, None, None),
        ("Отгрузка", Movement.DELIVERY, None, None),
        ("Возврат товаров (№ 7 от 03.05.2026)", Movement.RETURN, "7", date(2026, 5, 3)),
        ("Корректировка реализации (1 от 05.05.2026)", Movement.RETURN, "1", date(2026, 5, 5)),
        ("Возврат оплаты", Movement.PAYMENT, None, None),
        ("Продажа (УТ 123 от 04.05.2026 10:00)", Movement.DELIVERY, "УТ 123", date(2026, 5, 4)),
        ("Продажа от 04.05.2026", Movement.DELIVERY, None, date(2026, 5, 4)),
        ("Продажа (б/н от 04.05.2026)", Movement.DELIVERY, "б/н", date(2026, 5, 4)),
        ("Продажа УТ-5 от 04.05.2026 (договор № 7 от 01.01.2025)", Movement.DELIVERY, "УТ-5", date(2026, 5, 4)),
        ("УПД от 04.05.2026 № 12 по договору 5 от 01.01.2026", Movement.DELIVERY, "12", date(2026, 5, 4)),
        ("Прочее", None, None, None),
        ("Продажа 31 от 45.15.2026", Movement.DELIVERY, "31", None),
    ],
)
def test_words_number_and_day_of_a_document(text, movement, number, day):
    assert (movement_of(text), number_of(text), document_day(text)) == (movement, number, day)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("за период: 01.05.2026 - 31.05.2026", (date(2026, 5, 1), date(2026, 5, 31))),
        ("с 1 мая 2026 по 3 июня 2026", (date(2026, 5, 1), date(2026, 6, 3))),
        ("за Февраль 2028 г.", (date(2028, 2, 1), date(2028, 2, 29))),
        ("за 2 квартал 2026 г.", (date(2026, 4, 1), date(2026, 6, 30))),
        ("за IV квартал 2026", (date(2026, 10, 1), date(2026, 12, 31))),
        ("за 2026 год", (date(2026, 1, 1), date(2026, 12, 31))),
        ("31.05.2026 - 01.05.2026", None),
        ("Акт сверки", None),
    ],
)
def test_the_period_that_a_title_names(text, period):
    assert period_in(text) == period


@pytest.mark.parametrize("amount", ["1,234", "много", "#REF!", "1e400", ""])
def test_an_amount_that_is_none_is_an_error_of_its_row_and_never_zero(amount):
    rows = numbered(["Дата", "Документ", "Дебет", "Кредит"], ["04.05.2026", "Продажа 1", amount, ""])
    _statement, book = read(rows)
    assert (book.entries, [each.row_number for each in book.faults]) == ([], [2])


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ("1 234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("112,748,946.35", "112748946.35"),
        ("(50)", "-50"),
        ("−5,5", "-5.5"),
    ],
)
def test_amounts_are_read_as_papers_write_them(told, amount):
    rows = numbered(["Дата", "Документ", "Дебет", "Кредит"], ["04.05.2026", "Продажа 1", told, ""])
    assert read(rows)[1].entries[0].debit == Decimal(amount)


def test_a_document_paid_at_once_is_goods_and_money():
    rows = numbered(["Дата", "Документ", "Дебет", "Кредит"], ["04.05.2026", "Продажа 1", "10", "10"])
    told = [(each.movement, each.debit, each.credit) for each in read(rows)[1].entries]
    assert told == [(Movement.DELIVERY, 10, 0), (Movement.PAYMENT, 0, 10)]


def test_one_column_of_amounts_goes_down_where_money_or_goods_went_back():
    rows = numbered(
        ["Дата", "Номер", "Операция", "Сумма"],
        ["04.05.2026", "5", "Отгрузка", "10"],
        ["05.05.2026", "6", "Оплата", "4"],
    )
    told = [(each.number, each.amount_for(Party.SUPPLIER)) for each in read(rows)[1].entries]
    assert told == [("5", 10), ("6", -4)]


def test_without_a_row_of_headings_nothing_is_guessed_and_a_person_may_say():
    rows = numbered(["04.05.2026", "Продажа 1", "10", ""])
    assert read_statement(rows) is None
    told = read_statement(rows, header_row=0, roles=["date", "document", "debit", "credit"])
    assert [each.debit for each in told.books[0].entries] == [10]


def test_ragged_rows_headings_on_each_page_and_numbers_of_columns_are_no_trouble():
    rows = numbered(
        ["Дата", "Документ", "Дебет", "Кредит"],
        ["1", "2", "3", "4"],
        ["04.05.2026", "Продажа 1", "10"],
        ["Дата", "Документ", "Дебет", "Кредит"],
        ["05.05.2026", "Продажа 2", "20", "", "", "x"],
        [],
        ["Руководитель", "Иванов"],
    )
    _statement, book = read(rows)
    assert [each.debit for each in book.entries] == [10, 20]
    assert book.faults == []


def test_two_currencies_are_seen_in_titles_of_contracts_and_in_a_column():
    titles = numbered(
        ["По данным ООО «Молоко», руб."],
        ["Дата", "Документ", "Дебет", "Кредит"],
        ["Договор № 2 (USD)", "", "", ""],
        ["05.05.2026", "Продажа 2", "20", ""],
    )
    assert read_statement(titles).currencies == {"RUB", "USD"}
    column = numbered(["Дата", "Документ", "Дебет", "Кредит", "Валюта"], ["05.05.2026", "Продажа 2", "20", "", "EUR"])
    assert read_statement(column).currencies == {"EUR"}
