"""Forty restaurants from a file to the list, in a real browser, in three clicks."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.crawling import Opener
from tests.browser.test_every_page import faults_of
from tests.importing.spreadsheets import HEADINGS, csv_file, restaurants, xlsx_file
from tests.world import World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_forty_restaurants_are_in_the_list_after_three_clicks(world: World, open_page: Opener, scripts: bool) -> None:
    page = open_page(world.pelmenya.owner, scripts=scripts)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants")
    page.get_by_role("link", name="Import").click()
    book = xlsx_file([HEADINGS, *restaurants(40)])
    page.get_by_label("File").set_input_files({"name": "chain.xlsx", "mimeType": XLSX, "buffer": book})
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("40 to add, 0 to change.")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(40)
    page.get_by_role("button", name="Import 40 restaurants").click()
    expect(page).to_have_url(re.compile("/restaurants$"))
    expect(page.get_by_text("Imported: 40 added, 0 changed.")).to_be_visible()
    expect(page.get_by_role("link", name="Blini 1", exact=True)).to_be_visible()
    expect(page.get_by_text("42 restaurants", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("40 rows were taken back.")).to_be_visible()
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants")
    expect(page.get_by_text("2 restaurants", exact=True)).to_be_visible()


def test_rows_are_pasted_on_a_phone_their_columns_told_and_a_bad_one_left_out(world: World, open_page: Opener) -> None:
    page = open_page(world.pelmenya.owner, phone=True, dark=True, scripts=False)
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants/imports")
    page.get_by_label("Or paste rows here").fill(
        "Where\tWho\tCall\nTverskaya, 1\tBlini 1\tnobody\nArbat, 2\tBlini 2\t\n"
    )
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is in which column?")
    page.get_by_label("Where").select_option("Address")
    page.get_by_label("Who").select_option("Name")
    page.get_by_label("Call").select_option("Phone")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_text("Write a phone number").first).to_be_visible()
    page.get_by_label("Leave out 1 row").check()
    page.get_by_role("button", name="Import 1 restaurant").click()
    expect(page.get_by_role("link", name="Blini 2")).to_be_visible()
    expect(page.get_by_role("link", name="Blini 1")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light desktop", "dark phone"])
def test_the_pages_of_an_import_have_no_fault_in_any_of_its_states(world: World, open_page: Opener, dark: bool) -> None:
    page = open_page(world.pelmenya.owner, dark=dark, phone=dark, locale="ru-RU")
    rows = [*restaurants(2), (f"{world.pelmenya.marker} on Main street", "Elsewhere, 7", "", "", "")]
    page.goto(f"/accounts/{world.pelmenya.slug}/restaurants/imports")
    file = {"name": "chain.csv", "mimeType": "text/csv", "buffer": csv_file([HEADINGS, *rows], ";", "windows-1251")}
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("tbody tr")).to_have_count(3)
    here = page.url
    assert faults_of(page) == []
    page.goto(here + "/columns")
    assert faults_of(page) == []
    page.goto(here)
    page.locator("form.import-apply button").click()
    expect(page).to_have_url(re.compile("/restaurants$"))
    page.goto(here)
    assert faults_of(page) == []
    page.locator("details.confirm summary").click()
    page.locator("details.confirm button").click()
    expect(page.get_by_text("Отменены 3 строки.")).to_be_visible()
    assert faults_of(page) == []
