"""A supplier's file becomes invoices in a real browser: at a desk and on a phone, with JavaScript and without."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crawling import Opener
from tests.browser.test_every_page import faults_of
from tests.importing.spreadsheets import csv_file, xlsx_file
from tests.world import World

HEADINGS = ("Поставщик", "Номер", "Дата", "Наименование", "Ед. изм.", "Количество", "Цена", "Сумма", "Заметка")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send(page: Page, world: World, data: bytes, name: str) -> None:
    """Choose a file, the supplier and the store, and ask for the preview."""
    page.goto(f"/accounts/{world.pelmenya.slug}/invoices/files")
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": XLSX, "buffer": data})
    page.locator("select[name=supplier_id]").select_option(str(world.pelmenya.id_of("supplier")))
    page.locator("select[name=store_id]").select_option(str(world.pelmenya.store_id))
    page.locator("main form button[type=submit]").first.click()


def rows(world: World) -> list[tuple[str, ...]]:
    """A paper of two lines, one that is there already by its total, and one whose quantity is no number."""
    supplier = f"{world.pelmenya.marker} supplier 1"
    return [
        (supplier, "УТ-000501", "04.05.2026", "Сливочное масло 82,5 %", "кг", "12", "640,50", "7686,00", ""),
        ("", "", "", "Сыр «Российский» 50 %", "кг", "4,5", "590,00", "2655,00", "резать крупно"),
        (supplier, "УТ-000502", "04.05.2026", "Молоко", "кор", "1", "10341,00", "10341,00", ""),
        (supplier, "УТ-000503", "05.05.2026", "Мука", "кг", "много", "45,00", "450,00", ""),
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["at a desk", "on a phone in the dark"])
def test_a_file_is_looked_at_row_by_row_and_entered(world: World, open_page: Opener, phone: bool) -> None:
    page = open_page(world.pelmenya.owner, phone=phone, dark=phone, locale="ru-RU")
    send(page, world, xlsx_file([("Реестр накладных",), HEADINGS, *rows(world)]), "реестр.xlsx")
    expect(page.locator("tbody tr")).to_have_count(4)
    here = page.url
    page.goto(here)
    assert faults_of(page) == []
    page.goto(here + "/columns")
    assert faults_of(page) == []
    page.goto(here)
    page.locator("select[name^=reason_]").select_option("other_paper")
    page.locator("input[name=leave_out]").check()
    page.locator("form.import-apply button").click()
    expect(page.get_by_text("Введены 2 накладные.")).to_be_visible()
    assert faults_of(page) == []
    page.locator("details.confirm summary").click()
    page.locator("details.confirm button").click()
    expect(page.get_by_text("Отменены 3 строки.")).to_be_visible()
    assert faults_of(page) == []


def test_without_javascript_columns_are_told_and_the_file_is_read_another_way(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner, phone=True, locale="ru-RU", scripts=False)
    data = csv_file([("Колонка 1", "Колонка 2", "Колонка 3"), ("77", "04.05.2026", "900")], ";", "cp866")
    send(page, world, data, "старый.csv")
    expect(page.get_by_role("heading", level=1)).to_have_text("Что в каком столбце?")
    page.get_by_label("Кодировка").select_option("cp866")
    page.get_by_role("button", name="Прочитать так").click()
    expect(page.get_by_label("Колонка 1")).to_be_visible()
    page.get_by_label("Колонка 1").select_option("Номер накладной")
    page.get_by_label("Колонка 2").select_option("Дата накладной")
    page.get_by_label("Колонка 3").select_option("Сумма с НДС")
    page.get_by_role("button", name="Показать предпросмотр").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Ввести накладные").click()
    expect(page.get_by_text("Введена 1 накладная.")).to_be_visible()


def test_the_page_of_files_has_no_fault(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner, locale="ru-RU")
    page.goto(f"/accounts/{world.pelmenya.slug}/invoices/files")
    assert faults_of(page) == []
