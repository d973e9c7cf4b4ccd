"""A chain's own settings."""

import re

import pytest


def test_an_owner_renames_the_chain_and_finds_it_in_the_log(world, browse):
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account("settings"), {"name": "Pelmenya anew", "description": "Dumplings"})
    assert answer.status_code == 303
    page = owner.get(owner.account("settings")).text
    assert 'value="Pelmenya anew"' in page
    assert "Edited" in page


def test_a_chain_keeps_a_name(world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    assert owner.post(owner.account("settings"), {"name": "  "}).status_code == 422
    assert superuser_sql("SELECT name FROM getinn_ops.account WHERE slug = 'pelmenya'") == [(world.pelmenya.name,)]


@pytest.mark.parametrize("role", ["manager", "assigned_manager", "chef", "viewer"])
def test_settings_are_the_owners(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    assert browser.get(browser.account("settings")).status_code == 403
    assert browser.post(browser.account("settings"), {"name": "Mine"}).status_code == 403
    assert "/settings" not in browser.get(browser.account()).text


def test_a_neighbours_settings_answer_like_those_of_no_chain(world, browse):
    owner = browse(world.pelmenya.owner)
    foreign, absent = owner.get("/accounts/vareniki/settings"), owner.get("/accounts/nowhere/settings")
    assert foreign.status_code == absent.status_code == 404
    assert without_proof(foreign.text.replace("vareniki", "nowhere")) == without_proof(absent.text)


def without_proof(text):
    """The page without the proof of its forms, which tells the second in which it was made."""
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", text)


def test_the_page_costs_at_most_four_statements(world, browse, statements):
    owner = browse(world.pelmenya.owner)
    with statements() as counted:
        owner.get(owner.account("settings"))
    assert counted.total <= 4


def test_a_chain_reckons_in_roubles_until_its_owner_chooses_another_currency(world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    assert '<option selected value="RUB">' in owner.get(owner.account("settings")).text
    assert owner.post(owner.account("settings"), {"name": "Pelmenya", "currency": "KZT"}).status_code == 303
    [event] = superuser_sql(
        "SELECT id, before, after FROM getinn_ops.audit_event WHERE entity = 'account' AND entity_id = %s",
        [world.pelmenya.account_id],
    )
    assert (event.before["currency"], event.after["currency"]) == ("RUB", "KZT")
    assert "Currency" in owner.get(owner.account(f"audit/{event.id}")).text


@pytest.mark.parametrize("currency", ["XXX", "rub", "KWD", "RUBLE", "\0", "", "=1"])
def test_what_is_no_currency_on_offer_is_refused(world, browse, superuser_sql, currency):
    owner = browse(world.pelmenya.owner)
    assert owner.post(owner.account("settings"), {"name": "Pelmenya", "currency": currency}).status_code == 422
    assert superuser_sql("SELECT DISTINCT currency FROM getinn_ops.account") == [("RUB",)]
