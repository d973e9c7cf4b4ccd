"""The switcher: the dialog that leads a superuser from chain to chain."""

import re

import pytest


@pytest.fixture
def root(world, browse):
    return browse(world.superuser)


def entries(answer):
    """The chains on offer, in their order."""
    return re.findall(r'formaction="/accounts/([a-z0-9-]+)/visit"', answer.text)


def test_the_dialog_offers_every_chain_but_the_operators_own_account(world, root):
    answer = root.get("/accounts/switcher", htmx=True)
    assert answer.status_code == 200
    assert entries(answer) == ["pelmenya", "vareniki"]
    assert 'type="search"' in answer.text


def test_the_last_visited_chain_comes_first(world, root):
    root.post("/accounts/vareniki/visit", {"reason": "Help"})
    assert entries(root.get("/accounts/switcher", htmx=True)) == ["vareniki", "pelmenya"]
    root.post("/accounts/pelmenya/visit", {"reason": "Help"})
    assert entries(root.get("/accounts/switcher", htmx=True)) == ["pelmenya", "vareniki"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("varen", ["vareniki"]),
        ("ZQPEL menya", ["pelmenya"]),
        ("\0pel", ["pelmenya"]),
        ("%", []),
        ("getinn", []),
        ("zzz", []),
    ],
)
def test_typing_narrows_the_list_alone(world, root, search, expected):
    answer = root.get("/accounts/switcher", htmx=True, query_string={"q": search})
    assert entries(answer) == expected
    assert 'id="switcher-list"' in answer.text
    assert 'type="search"' not in answer.text


def test_every_entry_is_a_form_that_enters_the_chain(world, root):
    answer = root.get("/accounts/switcher", htmx=True)
    assert '<form id="switcher-list" method="post"' in answer.text
    assert 'name="csrf_token"' in answer.text
    assert root.post("/accounts/vareniki/visit", {"reason": "Help"}).location == "/accounts/vareniki/"


def test_without_htmx_the_switcher_leads_to_the_list(world, root):
    answer = root.get("/accounts/switcher")
    assert (answer.status_code, answer.location) == (303, "/accounts")


def test_only_superusers_find_the_switcher_on_their_pages(world, browse):
    visitor = browse(world.superuser, visiting=world.pelmenya)
    assert 'hx-get="/accounts/switcher"' in visitor.get(visitor.account()).text
    owner = browse(world.pelmenya.owner)
    assert "/accounts/switcher" not in owner.get(owner.account()).text


def test_the_switcher_costs_two_statements(world, root, statements):
    with statements() as counted:
        root.get("/accounts/switcher", htmx=True)
    assert counted.total == 2
