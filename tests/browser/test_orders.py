"""An order as last time, sent from a phone and printed at a desk, in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.crawling import Opener
from tests.purchase_orders.pages import OrderBrowser
from tests.world import World

WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("phone", [True, False])
def test_what_was_ordered_last_is_ordered_again_with_one_press_and_sent(
    world: World, open_page: Opener, browse: Any, superuser_sql: Any, phone: bool
) -> None:
    owner = OrderBrowser(browse(world.pelmenya.owner), world.pelmenya, superuser_sql)
    owner.order((owner.item, "7", "pack", "91"))
    page = open_page(world.pelmenya.owner, phone=phone, locale="ru-RU")
    page.goto(f"/accounts/{owner.chain.slug}/orders/new")
    page.locator("#supplier_id").select_option(str(owner.supplier_id))
    page.locator("#store_id").select_option(str(owner.store_id))
    page.get_by_role("button", name="Как в прошлый раз").click()
    quantity = page.get_by_role("textbox", name="Количество")
    expect(quantity).to_have_value("7")
    quantity.fill("2,5")
    quantity.press("Tab")
    expect(page.locator(".line__amount")).to_contain_text("225")
    if phone:
        assert page.evaluate(WIDTH) == 360
    page.get_by_role("button", name="Сохранить").last.click()
    page.get_by_role("link", name="Отправить", exact=True).click()
    if phone:
        assert page.evaluate(WIDTH) == 360
    page.get_by_role("radio").last.check()
    page.locator(".form__actions button").click()
    expect(page.locator("#sent")).to_contain_text("Просим доставить наш заказ")
    if phone:
        assert page.evaluate(WIDTH) == 360
    page.get_by_role("link", name="Печать").click()
    expect(page.locator(".count-sheet")).to_contain_text(owner.item)
