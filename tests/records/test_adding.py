"""Adding records: the same name twice, one after the other, and what is missing first."""

import html
import re
from typing import Any

import pytest

from portal.conversations.forms import MessageForm
from tests.world import World

RESTAURANT = {"name": "Мясницкая", "address": "", "phone": "", "email": "", "timezone": ""}
COUNT = "SELECT count(*) AS n FROM getinn_ops.{} WHERE name = %s"


@pytest.fixture
def owner(browse: Any, world: World) -> Any:
    return browse(world.pelmenya.owner)


def sure_of(page: str) -> str:
    found = re.search(r'name="_sure" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("kind", ["restaurant", "store", "bot_instance"])
def test_a_second_one_of_the_same_name_is_asked_about_and_passes_the_second_time(
    owner: Any, world: World, superuser_sql: Any, kind: str
) -> None:
    chain = world.pelmenya
    path, form = {
        "restaurant": ("restaurants/new", RESTAURANT),
        "store": ("stores/new", {"name": "Мясницкая", "restaurant_id": str(chain.restaurant_id), "kind": "bar"}),
        "bot_instance": ("bots/new", {"name": "Мясницкая", "description": ""}),
    }[kind]
    url = owner.account(path)
    assert owner.post(url, form).status_code == 303
    asked = owner.post(url, {**form, "name": "мясницкая"})
    assert asked.status_code == 422
    assert "There is another one of this name" in asked.text
    assert superuser_sql(COUNT.format(kind), ["мясницкая"])[0].n == 0
    # What was said of one name is not said of another.
    assert owner.post(url, {**form, "_sure": sure_of(asked.text)}).status_code == 422
    assert owner.post(url, {**form, "name": "мясницкая", "_sure": sure_of(asked.text)}).status_code == 303


def test_a_name_is_the_same_in_another_restaurant_and_a_row_is_no_namesake_of_itself(owner: Any, world: World) -> None:
    chain = world.pelmenya
    store = {"name": "Main kitchen", "kind": "bar"}
    for number in (1, 3):
        form = {**store, "restaurant_id": str(chain.id_of("restaurant", number))}
        assert owner.post(owner.account("stores/new"), form).status_code == 303
    url = owner.account(f"restaurants/{chain.restaurant_id}/edit")
    assert owner.post(url, {**RESTAURANT, "name": "Once"}).status_code == 303
    assert owner.post(url, {**RESTAURANT, "name": "once"}).status_code == 303


def test_a_row_that_keeps_the_name_it_shares_is_edited_without_a_question(owner: Any) -> None:
    form = {**RESTAURANT, "name": "Мясницкая"}
    assert owner.post(owner.account("restaurants/new"), form).status_code == 303
    asked = owner.post(owner.account("restaurants/new"), form)
    added = owner.post(owner.account("restaurants/new"), {**form, "_sure": sure_of(asked.text)})
    assert added.status_code == 303
    url = f"{added.location}/edit"
    assert owner.post(url, {**form, "phone": "+7 495 111-22-33"}).status_code == 303


def test_one_store_after_the_other_is_added_to_the_same_restaurant(owner: Any, world: World) -> None:
    restaurant = str(world.pelmenya.id_of("restaurant", 3))
    form = {"name": "First of many", "restaurant_id": restaurant, "kind": "bar", "_another": "1"}
    answer = owner.post(owner.account("stores/new"), form)
    assert answer.status_code == 303
    assert answer.location == owner.account(f"stores/new?restaurant_id={restaurant}")
    page = owner.get(answer.location).text
    assert "First of many was added." in html.unescape(page)
    assert re.search(f'<option selected value="{restaurant}"', page)
    assert 'name="_another"' not in owner.get(owner.account(f"restaurants/{restaurant}/edit")).text


def test_a_store_in_a_chain_without_restaurants_leads_to_adding_one_and_back(
    owner: Any, world: World, superuser_sql: Any
) -> None:
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET is_active = false WHERE account_id = %s", [world.pelmenya.account_id]
    )
    page = owner.get(owner.account("stores/new")).text
    there = owner.account("restaurants/new")
    link = re.search(f'href="({there}[^"]*)"', page)
    assert link
    assert "then you are led back here" in page
    answer = owner.post(html.unescape(link[1]), RESTAURANT)
    assert answer.location.startswith(owner.account("stores/new?restaurant_id="))
    assert "<option selected" in owner.get(answer.location).text
    away = owner.post(f"{there}?then=//elsewhere.example/", {**RESTAURANT, "name": "Other"})
    assert away.location.startswith(owner.account("restaurants/"))


def test_who_may_add_no_restaurant_is_told_whom_to_ask(browse: Any, world: World, superuser_sql: Any) -> None:
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET is_active = false WHERE account_id = %s", [world.pelmenya.account_id]
    )
    manager = browse(world.pelmenya.assigned_manager)
    page = manager.get(manager.account("stores/new")).text
    assert "An owner of your chain can add one" in page
    assert "restaurants/new" not in page


INVISIBLE = ["\u200b\u200d", "\u0301\u0301", "\u3164", "\u2800", "\u00ad\u2060", " \u115f ", "\ufe0f", "\U000e0041"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_of_several_lines_that_nobody_sees_is_none(app: Any, text: str) -> None:
    form = {"text": f"{text}\r\n{text}"}
    with app.test_request_context("/", method="POST", data=form):
        filled = MessageForm(100)
        assert not filled.validate()
        assert (filled.text.data, filled.text.errors) == (None, ["Write something first."])


def test_a_text_of_several_lines_keeps_its_joiners(app: Any) -> None:
    with app.test_request_context("/", method="POST", data={"text": "👩\u200d👩\n\u200eא\u200f"}):
        assert MessageForm(100).text.data == "👩\u200d👩\n\u200eא\u200f"


@pytest.mark.parametrize("name", INVISIBLE)
def test_a_name_that_nobody_sees_is_none(owner: Any, world: World, name: str) -> None:
    for path, form in (
        ("restaurants/new", {**RESTAURANT, "name": name}),
        (f"restaurants/{world.pelmenya.restaurant_id}/edit", {**RESTAURANT, "name": name}),
        ("bots/new", {"name": name}),
        ("settings", {"name": name, "description": "", "currency": "RUB"}),
    ):
        answer = owner.post(owner.account(path), form)
        assert (path, answer.status_code) == (path, 422)
        assert "Fill this in." in answer.text


@pytest.mark.parametrize("name", ["Ёлка", "Café\u0301", "शक्ति", "👩‍🍳", "№ 5", "می‌خواهم", "."])
def test_names_of_all_scripts_are_names(owner: Any, name: str) -> None:
    assert owner.post(owner.account("bots/new"), {"name": name}).status_code == 303
