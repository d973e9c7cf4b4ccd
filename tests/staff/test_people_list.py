"""The list of people: how each stands, filters, sorts, search, what a file of it holds."""

import csv
import html
import io
import re

import pytest

from portal.onboarding.standing import Standing
from tests.staff.crowd import make_crowd


def people(browser, query=""):
    """Names of every page of the list."""
    path = browser.account(f"staff{query}")
    found = []
    while path:
        page = browser.get(path).text
        found += [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)]
        after = re.search(r'href="([^"]*)"[^>]*aria-label="Next page"', page)
        path = html.unescape(after[1]) if after else None
    return found


@pytest.mark.parametrize("role", ["owner", "assigned_manager"])
def test_everybody_has_one_standing(world, browse, superuser_sql, role):
    make_crowd(superuser_sql, world.pelmenya, seed=1)
    browser = browse(getattr(world.pelmenya, role))
    by_standing = {each: people(browser, f"?standing={each}") for each in Standing.words()}
    everybody = people(browser, "?standing=all")
    assert all(by_standing.values()), {key: len(names) for key, names in by_standing.items()}
    assert sorted(name for names in by_standing.values() for name in names) == sorted(everybody)
    assert sorted(people(browser)) == sorted(set(everybody) - set(by_standing["left"]))
    if role == "owner":
        assert len(everybody) == 62
    # What a badge says is what the filter finds.
    page = browser.get(browser.account("staff?standing=late")).text
    assert set(re.findall(r'badge--(\w+)"><svg', page)) == {"bad"}


@pytest.mark.parametrize("sort", ["name", "start", "progress", "due"])
def test_sorts_lead_through_every_page_and_back(world, browse, superuser_sql, sort):
    make_crowd(superuser_sql, world.pelmenya, seed=2)
    browser = browse(world.pelmenya.owner)
    forth = people(browser, f"?standing=all&sort={sort}")
    back = people(browser, f"?standing=all&sort=-{sort}")
    assert len(forth) == len(set(forth)) == 62
    assert back == forth[::-1]


def test_filters_narrow_to_what_they_say(world, browse, superuser_sql):
    make_crowd(superuser_sql, world.pelmenya, seed=3)
    browser = browse(world.pelmenya.owner)
    chain = world.pelmenya

    def named(condition):
        rows = superuser_sql(
            f"SELECT name FROM getinn_ops.staff_member m WHERE account_id = %s AND status <> 'left' AND {condition}",
            [chain.account_id],
        )
        return sorted(row.name for row in rows)

    position = chain.id_of("staff_position")
    assert sorted(people(browser, "?restaurant_id=none")) == named("restaurant_id IS NULL")
    assert sorted(people(browser, "?restaurant_id=closed")) == named(
        f"restaurant_id = '{chain.archived_restaurant_id}'"
    )
    one = people(browser, f"?restaurant_id={chain.restaurant_id}")
    assert sorted(one) == named(f"restaurant_id = '{chain.restaurant_id}'")
    assert sorted(people(browser, f"?position_id={position}")) == named(f"position_id = '{position}'")
    assert sorted(people(browser, "?questions=open")) == named("open_questions > 0")
    assert people(browser, f"?bot_id={chain.bot_id}") == ["zqpelmenya employee 1"]
    ids = superuser_sql("SELECT id FROM getinn_ops.staff_member WHERE name IN ('Человек 001', 'Человек 002')")
    chosen = ",".join(str(row.id) for row in ids)
    assert len(people(browser, f"?standing=all&chosen={chosen}")) == 2
    # What is no choice is the default.
    assert people(browser, "?restaurant_id=nonsense&chosen=nonsense&bot_id=1") == people(browser)


def test_a_number_is_found_by_its_end_for_those_who_may_see_it(world, browse):
    manager = browse(world.pelmenya.manager)
    assert people(manager, "?q=0001") == ["zqpelmenya employee 1"]
    assert people(manager, "?q=8%20900%20111-00-02") == ["zqpelmenya employee 2"]
    assert people(manager, "?q=111-0002") == ["zqpelmenya employee 2"]
    assert people(manager, "?q=001") == []
    assert people(manager, "?q=9999") == []
    for role in ("chef", "viewer"):
        browser = browse(getattr(world.pelmenya, role))
        assert people(browser, "?q=0001") == []
        assert people(browser, "?q=employee") == ["zqpelmenya employee 1", "zqpelmenya employee 2"]
    assert people(browse(world.pelmenya.assigned_manager), "?q=0001") == []


def exported(browser, query=""):
    text = browser.get(browser.account(f"staff/export{query}")).get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_only_owners_take_personal_data_out_and_nobody_papers(world, browse):
    full = exported(browse(world.pelmenya.owner))
    assert {row["Phone"] for row in full} == {"+79001110001", "+79001110002"}
    assert full[0]["Citizenship"] == "zqpelmenya citizen"
    for role in ("manager", "chef", "viewer"):
        rows = exported(browse(getattr(world.pelmenya, role)))
        assert [row["Full name"] for row in rows] == ["zqpelmenya employee 1", "zqpelmenya employee 2"]
        assert {"Phone", "E-mail", "Birthday", "Citizenship", "Uniform size", "Emergency contact"}.isdisjoint(rows[0])
        assert "zqpelmenya citizen" not in str(rows)
    visitor = exported(browse(world.superuser, world.pelmenya))
    assert "Phone" not in visitor[0]
    assert not [key for key in full[0] if "aper" in key]
    assert "1234" not in str(full)


def test_formulas_leave_as_texts(world, browse, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_member SET citizenship = '=cmd()' WHERE phone = '+79001110001'")
    assert exported(browse(world.pelmenya.owner))[0]["Citizenship"] == "'=cmd()"


def test_chosen_people_are_written_to_given_a_checklist_and_exported(world, browse, superuser_sql):
    browser = browse(world.pelmenya.manager)
    both = [str(world.pelmenya.id_of("staff_member", number)) for number in (1, 2)]
    answer = browser.post(browser.account("staff/chosen"), {"ids": both, "what": "writing"})
    assert answer.status_code == 303
    page = browser.get(answer.location)
    assert "No chat is known of: zqpelmenya employee 2" in page.text
    assert browser.post(answer.location, {"text": " "}).status_code == 422
    assert browser.post(answer.location, {"text": "Завтра в 9"}).status_code == 303
    told = superuser_sql("SELECT staff_member_id AS id, kind FROM getinn_ops.staff_message WHERE text = 'Завтра в 9'")
    assert [(str(each.id), each.kind) for each in told] == [(both[0], "written")]

    given = browser.post(browser.account("staff/chosen"), {"ids": both, "what": "assignment"}).location
    template = str(world.pelmenya.id_of("onboarding_template"))
    assert browser.post(given, {"template_id": ""}).status_code == 422
    assert browser.post(given, {"template_id": template}).status_code == 303

    answer = browser.post(browser.account("staff/chosen"), {"ids": both[1:], "what": "export"})
    assert "employee 2" in browser.get(answer.location).text
    assert "employee 1" not in browser.get(answer.location).text


def test_who_has_left_is_not_written_to_with_the_others(world, browse, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.staff_member SET status = 'left', left_on = current_date WHERE id = %s",
        [world.pelmenya.id_of("staff_member")],
    )
    browser = browse(world.pelmenya.manager)
    both = [str(world.pelmenya.id_of("staff_member", number)) for number in (1, 2)]
    here = browser.post(browser.account("staff/chosen"), {"ids": both, "what": "writing"}).location
    page = browser.get(here).text
    assert "Not written to, for they have left: zqpelmenya employee 1" in page
    assert "No chat is known of: zqpelmenya employee 2" in page
    assert browser.post(here, {"text": "Завтра в 9"}).status_code == 303
    assert superuser_sql("SELECT id FROM getinn_ops.staff_message WHERE text = 'Завтра в 9'") == []


def test_nobody_chooses_people_of_others(world, browse):
    limited = browse(world.pelmenya.assigned_manager)
    theirs = str(world.pelmenya.id_of("staff_member"))
    foreign = str(world.vareniki.id_of("staff_member"))
    for one in (theirs, foreign):
        assert limited.post(limited.account("staff/chosen"), {"ids": one, "what": "writing"}).status_code == 404
        assert limited.get(limited.account(f"staff/chosen/writing?chosen={one}")).status_code == 404
        assert limited.post(limited.account(f"staff/chosen/writing?chosen={one}"), {"text": "x"}).status_code == 404
        assert limited.post(limited.account(f"staff/chosen/assignment?chosen={one}"), {}).status_code == 404
    chef = browse(world.pelmenya.chef)
    assert chef.post(chef.account("staff/chosen"), {"ids": theirs, "what": "writing"}).status_code == 403
