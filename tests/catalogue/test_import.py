"""Items from a spreadsheet."""

import pytest

from tests.importing.conftest import Importing

HEADINGS = ("Наименование", "Ед. изм.", "Категория", "Артикул")


@pytest.fixture
def send(browse, world):
    return lambda *rows: Importing(browse(world.pelmenya.owner), "item").send_rows(rows, HEADINGS)


def test_units_are_read_by_symbol_name_and_code(send, superuser_sql, world):
    owner = send(("Мука", "кг", "Бакалея", "M-1"), ("Соль", "Kilogram", "", ""), ("Сахар", "163", "", ""))
    assert owner.results() == {"Мука": "New", "Соль": "New", "Сахар": "New"}
    owner.apply()
    rows = superuser_sql(
        "SELECT i.name, u.okei_code FROM getinn_ops.inventory_item i"
        " JOIN getinn_ops.unit u ON u.id = i.default_unit_id WHERE i.name IN ('Мука', 'Соль', 'Сахар')"
    )
    assert {row.name: row.okei_code for row in rows} == {"Мука": "166", "Соль": "166", "Сахар": "163"}


def test_an_unknown_unit_and_a_missing_one_are_told(send):
    page = send(("Мука", "ведро", "", ""), ("Соль", "", "", "")).page()
    assert "“ведро” is no unit here." in page
    assert "Choose the unit." in page


def test_an_sku_is_one_items_in_the_file_and_beside_it(send):
    owner = send(("Мука", "kg", "", "zqpelmenya-1"), ("Соль", "kg", "", "S"), ("Перец", "kg", "", "s"))
    page = owner.page()
    assert "Taken already: zqpelmenya item 1." in page
    assert "Row 3 has the same SKU." in page
    assert owner.results()["Соль"] == "New"


def test_what_has_prices_keeps_its_base_unit(send):
    owner = send(("zqpelmenya item 1", "g", "Новая", ""))
    assert "There are prices in this unit already." in owner.page()


def test_what_was_counted_keeps_its_base_unit(send, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.inventory_item_price_history")
    owner = send(("zqpelmenya item 1", "g", "Новая", ""))
    assert "Stock or orders are told in this unit already." in owner.page()


def test_a_known_item_is_changed_and_the_import_undone(send, superuser_sql):
    owner = send(("ZQPELMENYA ITEM 1", "", "Молочное", ""))
    owner.apply()
    told = "SELECT category FROM getinn_ops.inventory_item WHERE name = 'zqpelmenya item 1'"
    assert superuser_sql(told)[0].category == "Молочное"
    owner.undo()
    assert superuser_sql(told)[0].category == "zqpelmenya category"
