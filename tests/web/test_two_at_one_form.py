"""Two people edit the same row: nothing of either is lost without a word."""

import html
import re
import threading
from typing import Any

import pytest
from wtforms import StringField

from portal.web.merging import MergingForm, digest
from tests.world import World


class Tab:
    """A page with a form that somebody opened, and what they send from it."""

    def __init__(self, browser: Any, path: str) -> None:
        self.browser, self.url = browser, browser.account(path) if not path.startswith("/") else path
        self.read(browser.get(self.url))

    def read(self, answer: Any) -> None:
        text = answer.text
        self.fields = {}
        for kind, pattern in (("input", r"<input ([^>]*)>"), ("textarea", r"<textarea ([^>]*)>([^<]*)</textarea>")):
            for found in re.findall(pattern, text):
                attributes = found if isinstance(found, str) else found[0]
                name, value = re.search(r'\bname="([^"]*)"', attributes), re.search(r'\bvalue="([^"]*)"', attributes)
                is_off = 'type="radio"' in attributes or 'type="checkbox"' in attributes
                if name and not (is_off and "checked" not in attributes):
                    told = (value[1] if value else "") if kind == "input" else found[1].strip("\r\n")
                    self.fields.setdefault(name[1], []).append(html.unescape(told))
        for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
            chosen = re.search(r'selected value="([^"]*)"', options) or re.search(r'value="([^"]*)"', options)
            self.fields[name] = [html.unescape(chosen[1])] if chosen else [""]

    def send(self, **changed: Any) -> Any:
        form = {**self.fields, **{name: [value] for name, value in changed.items()}}
        for own in ("_method", "csrf_token"):
            form.pop(own, None)
        answer = self.browser.post(self.url, form)
        if answer.status_code in (409, 422):
            self.read(answer)
        return answer


@pytest.fixture
def tabs(browse: Any, world: World) -> Any:
    def open_two(path: str) -> tuple[Tab, Tab]:
        return Tab(browse(world.pelmenya.owner), path), Tab(browse(world.pelmenya.manager), path)

    return open_two


def row_of(superuser_sql: Any, world: World) -> Any:
    [row] = superuser_sql("SELECT * FROM getinn_ops.restaurant WHERE id = %s", [world.pelmenya.restaurant_id])
    return row


def test_what_only_one_side_changed_merges_by_itself(tabs: Any, world: World, superuser_sql: Any) -> None:
    mine, theirs = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    assert theirs.send(phone="+7 495 111-11-11").status_code == 303
    assert mine.send(address="Арбат, 12").status_code == 303
    row = row_of(superuser_sql, world)
    assert (row.phone, row.address) == ("+7 495 111-11-11", "Арбат, 12")


def test_the_same_field_is_asked_about_with_both_values_and_whose_the_other_is(
    tabs: Any, world: World, superuser_sql: Any
) -> None:
    mine, theirs = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    theirs.send(phone="+7 495 111-11-11", email="them@there.example")
    answer = mine.send(phone="+7 495 222-22-22", address="Арбат, 12")
    assert answer.status_code == 409
    told = html.unescape(re.sub("<[^>]*>", "", answer.text))
    assert f"{world.pelmenya.manager.full_name} changed “Phone” at" in told
    assert "Take theirs: +7 495 111-11-11" in told
    assert "Keep mine: +7 495 222-22-22" in told
    assert mine.fields["address"] == ["Арбат, 12"]
    assert mine.fields["email"] == ["them@there.example"]
    assert row_of(superuser_sql, world).phone == "+7 495 111-11-11"
    # Sending once more does not decide by itself.
    assert mine.send().status_code == 409
    assert mine.send(**{"_take-phone": "mine"}).status_code == 303
    row = row_of(superuser_sql, world)
    assert (row.phone, row.address, row.email) == ("+7 495 222-22-22", "Арбат, 12", "them@there.example")


def test_who_comes_and_goes_has_changed_nothing(tabs: Any, world: World, superuser_sql: Any) -> None:
    chain = world.pelmenya
    mine, theirs = tabs(f"restaurants/{chain.restaurant_id}/edit")
    theirs.send(phone="+7 495 111-11-11")
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, at, action, entity, entity_id, entity_label,"
        " as_superuser, actor_id, actor_name) SELECT %s, now() AT TIME ZONE 'utc',"
        " unnest(array_fill('signed_in'::text, ARRAY[30]) || '{checked}'::text[]), 'restaurant', %s, '', false, %s,"
        " 'Zoe Passing'",
        [chain.account_id, chain.restaurant_id, chain.chef.id],
    )
    told = mine.send(phone="+7 495 222-22-22").text
    assert f"{chain.manager.full_name} changed" in html.unescape(told)
    assert "Zoe Passing" not in told


def test_theirs_is_taken_where_the_person_says_so(tabs: Any, world: World, superuser_sql: Any) -> None:
    mine, theirs = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    theirs.send(phone="+7 495 111-11-11")
    mine.send(phone="+7 495 222-22-22", name="Another name")
    assert mine.send(**{"_take-phone": "theirs"}).status_code == 303
    row = row_of(superuser_sql, world)
    assert (row.phone, row.name) == ("+7 495 111-11-11", "Another name")


def test_a_third_change_while_somebody_chooses_is_asked_about_again(tabs: Any, world: World) -> None:
    mine, theirs = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    theirs.send(phone="+7 495 111-11-11")
    mine.send(phone="+7 495 222-22-22")
    Tab(theirs.browser, f"restaurants/{world.pelmenya.restaurant_id}/edit").send(phone="+7 495 333-33-33")
    answer = mine.send(**{"_take-phone": "mine"})
    assert answer.status_code == 409
    assert "333-33-33" in answer.text


def test_a_form_that_comes_back_for_another_reason_takes_over_what_others_changed(
    tabs: Any, world: World, superuser_sql: Any
) -> None:
    mine, theirs = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    theirs.send(phone="+7 495 111-11-11")
    form = {**mine.fields, "name": ["Renamed"]}
    form.pop("csrf_token")
    # Once without a good proof, once with a fault: the page that comes back knows of the change.
    stale = mine.browser.post(mine.url, form, csrf=False, headers={"Sec-Fetch-Site": "same-origin"})
    assert stale.status_code == 422
    mine.read(stale)
    assert mine.fields["phone"] == ["+7 495 111-11-11"]
    Tab(theirs.browser, f"restaurants/{world.pelmenya.restaurant_id}/edit").send(address="Arbat, 12")
    assert mine.send(email="no address").status_code == 422
    assert mine.send(email="").status_code == 303
    row = row_of(superuser_sql, world)
    assert (row.name, row.phone, row.address) == ("Renamed", "+7 495 111-11-11", "Arbat, 12")


def test_searching_in_a_checklist_forgets_nothing_of_what_a_form_was_made_of(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    path = f"users/{world.pelmenya.chef.id}/edit"
    mine, theirs = (Tab(browse(world.pelmenya.owner), path) for _ in range(2))
    assert theirs.send(role="viewer").status_code == 303
    found = mine.browser.post(mine.url, {**{k: v for k, v in mine.fields.items() if k != "csrf_token"}, "_find": "1"})
    assert found.status_code == 200
    mine.read(found)
    assert mine.send(restaurant_ids=str(world.pelmenya.restaurant_id), _save="1").status_code == 303
    [row] = superuser_sql('SELECT role FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert row.role == "viewer"


def test_the_same_change_twice_is_no_question(tabs: Any, world: World) -> None:
    mine, theirs = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    theirs.send(phone="+7 495 111-11-11")
    assert mine.send(phone="+7 495 111-11-11").status_code == 303


def test_of_two_who_save_in_the_same_instant_one_is_asked(tabs: Any, world: World, superuser_sql: Any) -> None:
    two = tabs(f"restaurants/{world.pelmenya.restaurant_id}/edit")
    start, statuses = threading.Barrier(2), []

    def save(tab: Tab, phone: str) -> None:
        start.wait()
        statuses.append(tab.send(phone=phone).status_code)

    threads = [threading.Thread(target=save, args=(tab, f"+7 495 000-00-0{n}")) for n, tab in enumerate(two)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(statuses) == [303, 409]


class PlaceForm(MergingForm):
    name = StringField()


class NoteForm(MergingForm):
    note = StringField()


def test_what_one_form_of_a_page_was_made_of_is_not_told_of_another(app: Any) -> None:
    with app.test_request_context("/", method="POST", data={"name": "sent", "_read": "name:0123456789"}):
        assert 'value="name:0123456789"' in PlaceForm(name="stored").read_mark()
        assert f'value="name:{digest("stored")}"' in PlaceForm(name="stored", formdata=None).read_mark()
        assert f'value="note:{digest("stored")}"' in NoteForm(note="stored").read_mark()
