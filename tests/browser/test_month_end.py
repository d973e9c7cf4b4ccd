"""An accountant's month end: what waits is decided, the statement compared, the letter written, the month closed."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from tests.reconciliations.books import Books
from tests.reconciliations.test_statement_pages import ROWS


@pytest.fixture
def books(world, superuser_sql):
    return Books(superuser_sql, world.pelmenya).fill()


@pytest.mark.parametrize(("phone", "scripts"), [(False, True), (True, False)], ids=["at a desk", "on a plain phone"])
def test_a_month_is_closed_in_russian(open_page, world, books, phone, scripts):
    page = open_page(world.pelmenya.owner, phone=phone, scripts=scripts, locale="ru-RU")
    page.goto(f"/accounts/{world.pelmenya.slug}/supply")
    page.get_by_role("link", name="Все расхождения").click()
    decide_first(page)
    page.goto(f"/accounts/{world.pelmenya.slug}/reconciliations")
    page.get_by_role("link", name="Загрузить акт сверки").click()
    page.get_by_label("Поставщик").select_option(str(books.supplier_id))
    page.locator("input[type=file]").set_input_files(statement())
    page.get_by_role("button", name="Сравнить").click()
    for tab, count in (("Совпали", 1), ("Суммы расходятся", 1), ("Нет у нас", 1), ("Предложения", 1)):
        expect(page.get_by_role("link", name=f"{tab} {count}")).to_be_visible()
    page.get_by_role("link", name="Предложения 1").click()
    page.get_by_role("button", name="Это она").click()
    expect(page.get_by_role("link", name="Совпали 2")).to_be_visible()
    page.get_by_role("link", name="Письмо").click()
    expect(page.locator("textarea")).to_have_value(re.compile("999.*70,00", re.DOTALL))
    page.go_back()
    page.get_by_role("button", name="Завершить").click()
    expect(page.locator("h1 .badge", has_text="Завершён")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert any("УТ-000123" in row for row in exported(page))


def decide_first(page):
    """Say why the first thing that waits is all right."""
    page.locator("main a[href*='/invoices/exceptions/']:visible:not([href$='/export'])").first.click()
    page.get_by_label("Принято").check()
    page.get_by_label("Причина").fill("Согласовано по телефону")
    page.get_by_role("button", name="Решить").click()
    expect(page.get_by_role("button", name="Решить")).to_have_count(0)


def statement():
    """The supplier's file as his programme saves it."""
    data = ROWS.replace("\t", ";").encode("cp1251")
    return {"name": "акт.csv", "mimeType": "text/csv", "buffer": data}


def exported(page):
    """What the page hands out, as rows."""
    link = page.locator("a[href*='export']").first.get_attribute("href")
    answer = page.request.get(link)
    assert answer.ok
    return list(csv.reader(io.StringIO(answer.text().lstrip("\ufeff"))))
