"""A statement from its rows to its end, on a phone and without scripts alike."""

import re

import pytest
from playwright.sync_api import expect

from tests.reconciliations.books import Books
from tests.reconciliations.test_statement_pages import ROWS


@pytest.fixture
def books(world, superuser_sql):
    return Books(superuser_sql, world.pelmenya).fill()


@pytest.mark.parametrize(("phone", "scripts"), [(True, True), (False, False)])
def test_a_statement_is_pasted_looked_through_and_completed(open_page, world, books, phone, scripts):
    page = open_page(world.pelmenya.owner, phone=phone, scripts=scripts)
    page.goto(f"/accounts/{world.pelmenya.slug}/reconciliations/new")
    page.get_by_label("Supplier").select_option(str(books.supplier_id))
    page.get_by_label("Or paste rows here").fill(ROWS)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("link", name="Matched 1")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    page.get_by_role("link", name="Suggested 1").click()
    page.get_by_role("button", name="It is this").click()
    expect(page.get_by_role("link", name="Matched 2")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Missing here")).click()
    page.get_by_role("link", name="Choose invoices").click()
    page.get_by_role("checkbox", name=re.compile("77")).check()
    page.get_by_role("button", name="It is these").click()
    expect(page.get_by_role("link", name="Missing here 0")).to_be_visible()
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("h1 .badge", has_text="Completed")).to_be_visible()
    expect(page.get_by_role("button", name="Complete")).to_have_count(0)
