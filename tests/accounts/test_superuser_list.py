"""The superusers' list of chains: what it shows, narrows, exports and costs."""

import csv
import io

import pytest

PAGES = ["/accounts", "/accounts/new", "/accounts/export", "/accounts/switcher", "/accounts/vareniki/edit"]
ACTIONS = [
    ("POST", "/accounts/new"),
    ("POST", "/accounts/pelmenya/edit"),
    ("POST", "/accounts/pelmenya/activation"),
    ("DELETE", "/accounts/pelmenya/activation"),
    ("POST", "/accounts/pelmenya/visit"),
    ("DELETE", "/accounts/pelmenya/visit"),
]


@pytest.fixture
def root(world, browse):
    """A superuser who visits nobody."""
    return browse(world.superuser)


@pytest.fixture
def many(superuser_sql, world):
    """120 more chains, named so that their order is known; every tenth is deactivated."""
    superuser_sql(
        "INSERT INTO getinn_ops.account (name, slug, is_active)"
        " SELECT 'Spot ' || lpad(n::text, 3, '0'), 'spot-' || n, n % 10 <> 0 FROM generate_series(1, 120) n"
    )


def exported(response):
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["owner", "manager", "chef", "viewer"])
def test_to_members_the_superusers_pages_do_not_exist(world, browse, path, role):
    answer = browse(getattr(world.pelmenya, role)).get(path)
    assert answer.status_code == 404
    assert "zqvareniki" not in answer.text


@pytest.mark.parametrize(("method", "path"), ACTIONS)
def test_members_cannot_do_what_superusers_do_even_to_their_own_chain(world, browse, superuser_sql, method, path):
    answer = browse(world.pelmenya.owner).open(path, method, data={"name": "Taken over"}, csrf=True)
    assert answer.status_code == 404
    told = "SELECT name, is_active FROM getinn_ops.account WHERE slug = 'pelmenya'"
    assert superuser_sql(told) == [(world.pelmenya.name, True)]


def test_a_stranger_is_sent_to_the_log_in_page(world, browse):
    answer = browse().get("/accounts")
    assert answer.status_code == 302
    assert answer.location.endswith("/login?next=/accounts")


def test_the_list_shows_each_chain_with_its_size_and_health_but_not_the_operators_own_account(world, root):
    text = root.get("/accounts").text
    assert "2 chains" in text
    for chain in world.chains:
        assert chain.name in text
    assert "/accounts/getinn/" not in text
    assert text.count("Live: 1") == text.count("Off: 1") == 2
    assert text.count("1 integration fails") == 2


def test_counts_leave_out_what_is_archived_and_who_is_deactivated(world, root):
    [headings, pelmenya, _vareniki] = exported(root.get("/accounts/export"))
    told = dict(zip(headings, pelmenya, strict=True))
    assert (told["Restaurants"], told["People"], told["Bots"]) == ("2", "5", "1")
    assert (told["Platforms"], told["Failing integrations"]) == ("Live: 1; Off: 1", "1")


def test_large_chains_are_counted_to_a_hundred(world, root, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name) SELECT %s, n::text FROM generate_series(1, 99) n",
        [world.pelmenya.account_id],
    )
    [_headings, pelmenya, vareniki] = exported(root.get("/accounts/export"))
    assert (pelmenya[3], vareniki[3]) == ("100+", "2")
    assert "<td>100+</td>" in root.get("/accounts").text


def test_filters_and_search_narrow_the_list_and_its_export(world, root, superuser_sql):
    superuser_sql("UPDATE getinn_ops.account SET is_active = false WHERE slug = 'vareniki'")
    superuser_sql(
        "UPDATE getinn_ops.account_integration_credentials SET connection_status = 'connected' WHERE account_id = %s",
        [world.pelmenya.account_id],
    )
    for query, expected in {
        "?state=active": ["pelmenya"],
        "?state=deactivated": ["vareniki"],
        "?state=failing": [],
        "?q=ZQPEL": ["pelmenya"],
        "?q=getinn": [],
        "?sort=-name": ["vareniki", "pelmenya"],
    }.items():
        assert [row[1] for row in exported(root.get(f"/accounts/export{query}"))[1:]] == expected, query
        page = root.get(f"/accounts{query}").text
        assert [slug for slug in ("pelmenya", "vareniki") if f"/accounts/{slug}/visit" in page] == sorted(expected)


def test_the_list_is_paged_and_a_search_finds_a_chain_of_any_page(many, root):
    first = root.get("/accounts").text
    assert "Spot 050" in first
    assert "Spot 051" not in first
    assert "122 chains" in first
    assert "Spot 118" in root.get("/accounts?q=118", htmx=True).text


def test_chains_are_sorted_as_people_count(root, superuser_sql):
    names = ["Spot 10", "spot 2", "Spot 11", "Spot 1", "Spot 002 b"]
    for place, name in enumerate(names):
        superuser_sql("INSERT INTO getinn_ops.account (name, slug) VALUES (%s, %s)", [name, f"s-{place}"])
    rows = exported(root.get("/accounts/export?q=spot"))[1:]
    assert [row[0] for row in rows] == ["Spot 1", "spot 2", "Spot 002 b", "Spot 10", "Spot 11"]
    shown = root.get("/accounts/switcher?q=spot", htmx=True).text
    assert shown.index("spot 2<") < shown.index("Spot 10<")


def test_the_page_costs_two_statements_however_many_chains_there_are(many, root, statements):
    with statements() as counted:
        assert root.get("/accounts").status_code == 200
    assert counted.total == 2


def test_an_export_is_told_in_the_operators_log_and_in_no_chains(world, root, superuser_sql):
    root.get("/accounts/export")
    told = superuser_sql("SELECT account_id, \"after\" FROM getinn_ops.audit_event WHERE action = 'exported'")
    assert told == [(world.operator.account_id, {"list": "accounts", "rows": 2})]
