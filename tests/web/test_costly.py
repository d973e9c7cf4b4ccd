"""Of each account so many large pages are made at a time, over all processes."""

import ast
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from portal.web.costly import PLACES, RETRY_SECONDS

ROOT = Path(__file__).parents[2] / "portal"
# What these do takes long, whatever calls them.
COSTLY_VERBS = {
    "recorded_export", "compare", "drawn_version", "replay", "lint", "begin_import", "apply_import", "undo_import",
    "set_columns", "VersionMigration",
}  # fmt: skip
# They take a place by themselves.
FREE = {"drawn_version"}


@pytest.fixture
def holding(database):
    """``with holding(account_id, 2):`` other processes are making so many large pages for the account."""

    @contextmanager
    def hold(account_id, count):
        with ExitStack() as stack:
            for place in range(count):
                other = stack.enter_context(psycopg.connect(database.url.replace("+psycopg", "")))
                key = f"costly {place} {account_id}"
                taken = other.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key]).fetchone()
                assert taken == (True,)
            yield

    return hold


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


def test_a_chain_whose_places_are_taken_is_asked_to_wait(owner, world, holding):
    with holding(world.pelmenya.account_id, PLACES):
        answer = owner.get(owner.account("restaurants/export"))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(RETRY_SECONDS)
    assert "wait a few seconds" in answer.text
    assert owner.get(owner.account("restaurants/export")).status_code == 200


def test_htmx_is_told_in_a_toast(owner, world, holding):
    url = owner.account(f"bots/{world.pelmenya.bot_id}/scenarios/{world.pelmenya.scenario_id}/lab")
    with holding(world.pelmenya.account_id, PLACES):
        answer = owner.get(url, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(RETRY_SECONDS))
    assert "<html" not in answer.text
    assert "wait a few seconds" in answer.text


def test_one_place_that_is_free_is_enough(owner, world, holding):
    with holding(world.pelmenya.account_id, PLACES - 1):
        assert owner.get(owner.account("restaurants/export")).status_code == 200


def test_the_places_of_one_chain_are_no_other_chains(browse, world, holding):
    other = browse(world.vareniki.owner)
    with holding(world.pelmenya.account_id, PLACES):
        assert other.get(other.account("restaurants/export")).status_code == 200


def test_pages_that_are_quick_need_no_place(owner, world, holding):
    with holding(world.pelmenya.account_id, PLACES):
        assert owner.get(owner.account("restaurants")).status_code == 200
        assert owner.get(owner.account("audit")).status_code == 200
        assert owner.get(owner.account("audit?q=borscht")).status_code == 429


def test_a_drawing_that_was_made_before_needs_no_place(owner, world, holding):
    url = owner.account(f"bots/{world.pelmenya.bot_id}/scenarios/{world.pelmenya.scenario_id}")
    first = owner.get(url)
    assert first.status_code == 200
    with holding(world.pelmenya.account_id, PLACES):
        assert owner.get(url).status_code == 200
        assert owner.get(url + "?steps=2").status_code == 429


def test_a_place_ends_with_its_request(owner, world):
    for _ in range(PLACES + 2):
        assert owner.get(owner.account("restaurants/export")).status_code == 200


def test_a_refused_form_stores_nothing(owner, world, holding, superuser_sql):
    url = owner.account(f"bots/{world.pelmenya.bot_id}/scenarios/new")
    count = "SELECT count(*) AS n FROM getinn_ops.bot_scenario"
    before = superuser_sql(count)[0].n
    with holding(world.pelmenya.account_id, PLACES):
        assert owner.post(url, {"source": '{"steps": {}}'}).status_code == 429
    assert superuser_sql(count)[0].n == before


def test_every_export_declares_that_it_is_costly(app):
    exports = [rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/export")]
    assert len(exports) >= 9
    bare = [rule.endpoint for rule in exports if not getattr(app.view_functions[rule.endpoint], "is_costly", False)]
    assert bare == []


def test_every_view_that_does_something_costly_waits_for_a_place():
    views = [view for path in ROOT.rglob("*routes.py") for view in _views(path)]
    costly = [view for view in views if _called(view) & (COSTLY_VERBS - FREE)]
    assert len(costly) >= 12
    bare = {view.name for view in costly if not _waits(view)}
    # Made costly where they are given their addresses: the records' own export, and the views of imports.
    assert bare == {"export", "columns", "apply", "undo"}


def _views(path):
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def _called(view):
    return {node.func.id for node in ast.walk(view) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def _waits(view):
    declared = {node.id for node in view.decorator_list if isinstance(node, ast.Name)}
    return "costly" in declared or "take_place" in _called(view)
