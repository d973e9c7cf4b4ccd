"""Adding a chain: its address, its first owner's invitation, and the way in for that owner."""

import html
import re

import pytest

from portal.accounts.slugs import slugify

FILLED_IN = {"name": "Щи да Каша №1", "owner_email": "Olga@Kasha.example", "owner_name": "Olga Kasha"}


@pytest.fixture
def root(world, browse):
    return browse(world.superuser)


def test_a_name_becomes_an_address_in_latin_letters():
    assert slugify("Щи да Каша №1") == "shchi-da-kasha-no1"
    assert slugify("  Объедение «Ёлка»  ") == "obedenie-elka"
    assert slugify("Café Zürich & Söhne") == "cafe-zurich-sohne"
    assert slugify("***") == ""
    assert len(slugify("long name " * 20)) <= 60


def test_a_superuser_adds_a_chain_and_its_owner_comes_in_by_the_link(world, browse, root, superuser_sql):
    added = root.post("/accounts/new", FILLED_IN)
    assert added.status_code == 303
    assert added.location == "/accounts/shchi-da-kasha-no1/edit"
    page = root.get(added.location).text
    [link] = re.findall(r'data-copy="https?://[^/"]+(/[^"]+)"', page)

    guest = browse()
    assert guest.get(html.unescape(link)).status_code == 200
    words = {"full_name": "Olga Kasha", "password": "seven-copper-kettles", "repeated": "seven-copper-kettles"}
    joined = guest.post(html.unescape(link), words)
    assert joined.status_code == 303, joined.text
    [owner] = superuser_sql("SELECT email, role, account_id FROM getinn_ops.user WHERE email = 'olga@kasha.example'")
    [chain] = superuser_sql("SELECT id, name FROM getinn_ops.account WHERE slug = 'shchi-da-kasha-no1'")
    assert (owner.role, owner.account_id, chain.name) == ("owner", chain.id, "Щи да Каша №1")
    assert "data-copy" not in root.get(added.location).text


def test_the_new_chains_log_begins_with_who_added_it_and_whom_they_invited(world, root, superuser_sql):
    root.post("/accounts/new", FILLED_IN)
    told = superuser_sql(
        "SELECT e.action, e.entity_label, e.actor_email, e.as_superuser FROM getinn_ops.audit_event e"
        " JOIN getinn_ops.account a ON a.id = e.account_id WHERE a.slug = 'shchi-da-kasha-no1' ORDER BY e.at"
    )
    who = (world.superuser.email, True)
    assert told == [("created", "Щи да Каша №1", *who), ("invited", "Olga@Kasha.example", *who)]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": ""}, "Fill this in."),
        ({"owner_email": "nobody"}, "Write an e-mail address"),
        ({"owner_email": "OWNER@zqvareniki.example"}, "Somebody already signs in with this e-mail"),
        ({"slug": "pelmenya"}, "This address is taken"),
        ({"slug": "getinn"}, "This address is taken"),
        ({"slug": "switcher"}, "This address is taken"),
        ({"slug": "-no-"}, "Use small Latin letters"),
        ({"slug": "два"}, "Use small Latin letters"),
        ({"name": "!!!"}, "The name gives no address"),
        ({"name": "a\0b"}, "characters that cannot be stored"),
    ],
)
def test_a_refused_chain_says_why_and_keeps_what_was_typed(world, root, superuser_sql, changed, problem):
    answer = root.post("/accounts/new", {**FILLED_IN, **changed})
    assert answer.status_code == 422
    assert problem in html.unescape(answer.text)
    assert 'value="Olga Kasha"' in answer.text
    assert superuser_sql("SELECT count(*) FROM getinn_ops.account")[0].count == 3


def test_a_proposed_address_avoids_the_ones_that_are_taken(world, root):
    assert root.post("/accounts/new", {**FILLED_IN, "name": "Pelmenya"}).location == "/accounts/pelmenya-2/edit"


def test_while_the_name_is_typed_the_address_field_proposes_one(world, root):
    answer = root.post("/accounts/new", {"name": "Пельменная", "_validate": "slug"}, htmx=True)
    assert answer.status_code == 200
    assert 'value="pelmennaya"' in answer.text


def test_an_edited_chain_keeps_its_address_and_tells_its_log(world, root, superuser_sql):
    answer = root.post("/accounts/pelmenya/edit", {"name": "Pelmenya & Co", "description": ""})
    assert (answer.status_code, answer.location) == (303, "/accounts/pelmenya/edit")
    [row] = superuser_sql("SELECT name, slug, description FROM getinn_ops.account WHERE slug = 'pelmenya'")
    assert row == ("Pelmenya & Co", "pelmenya", None)
    [told] = superuser_sql(
        "SELECT before, \"after\" FROM getinn_ops.audit_event WHERE account_id = %s AND entity = 'account'",
        [world.pelmenya.account_id],
    )
    assert told.after == {"name": "Pelmenya & Co", "description": None}
    assert told.before["name"] == world.pelmenya.name


@pytest.mark.parametrize("slug", ["getinn", "nowhere"])
def test_the_operators_own_account_is_edited_no_more_than_one_that_does_not_exist(world, root, superuser_sql, slug):
    assert root.get(f"/accounts/{slug}/edit").status_code == 404
    assert root.post(f"/accounts/{slug}/edit", {"name": "Mine"}).status_code == 404
    assert root.delete(f"/accounts/{slug}/activation").status_code == 404
    assert superuser_sql("SELECT is_active FROM getinn_ops.account WHERE is_operator") == [(True,)]


def test_the_pages_of_one_chain_cost_at_most_four_statements(world, root, statements):
    for path in ("/accounts/new", "/accounts/pelmenya/edit"):
        with statements() as counted:
            assert root.get(path).status_code == 200
        assert counted.total <= 4


def test_a_deactivated_chain_is_locked_out_with_the_next_click_and_let_in_again(world, browse, root, superuser_sql):
    owner, viewer = browse(world.pelmenya.owner), browse(world.pelmenya.viewer)
    neighbour = browse(world.vareniki.owner)
    assert owner.get(owner.account()).status_code == 200

    assert root.delete("/accounts/pelmenya/activation").status_code == 303
    for locked in (owner, viewer):
        assert locked.get(locked.account()).status_code == 302
        assert "/login" in locked.get(locked.account("restaurants")).location
    words = {"email": world.pelmenya.owner.email, "password": world.pelmenya.owner.password}
    assert browse().post("/login", words).status_code == 422
    assert neighbour.get(neighbour.account()).status_code == 200

    assert root.post("/accounts/pelmenya/activation").status_code == 303
    assert owner.get(owner.account()).status_code == 200
    told = superuser_sql(
        "SELECT action FROM getinn_ops.audit_event WHERE account_id = %s AND entity = 'account' ORDER BY at",
        [world.pelmenya.account_id],
    )
    assert [row.action for row in told] == ["deactivated", "activated"]


def test_deactivating_twice_is_told_once(world, root, superuser_sql):
    for _attempt in range(2):
        root.delete("/accounts/pelmenya/activation")
    told = superuser_sql("SELECT 1 FROM getinn_ops.audit_event WHERE action = 'deactivated'")
    assert len(told) == 1
