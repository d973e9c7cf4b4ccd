"""Whatever goes wrong has a page of its own, and for htmx a toast that replaces nothing."""

import io
import re

import psycopg
import pytest
from flask import abort
from sqlalchemy.exc import OperationalError

from portal.auth.passwords import HashingBusy
from portal.web.error_pages import MESSAGES
from portal.web.method_override import MethodOverride

ENDPOINT = "account.restaurants.index"


@pytest.fixture
def failing(app, monkeypatch):
    """``failing(function)`` puts a view that goes wrong in the place of a real one."""

    def replace(function):
        function.access = app.view_functions[ENDPOINT].access
        monkeypatch.setitem(app.view_functions, ENDPOINT, function)

    return replace


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


def raising(error):
    def view(**values):
        raise error

    return view


@pytest.mark.parametrize("status", sorted(MESSAGES))
def test_every_status_has_a_page_with_its_own_words(owner, failing, status):
    failing(lambda: abort(status))
    answer = owner.get(owner.account("restaurants"))
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f'<h1 class="error__title">{MESSAGES[status][0]}</h1>' in answer.text
    assert "Traceback" not in answer.text


def test_who_is_at_home_in_a_chain_keeps_the_navigation_and_nobody_else_sees_it(browse, world, owner):
    absent = f"restaurants/{world.vareniki.restaurant_id}"
    missing, refused = owner.get(owner.account(absent)), browse(world.pelmenya.chef).get(owner.account("settings"))
    assert (missing.status_code, refused.status_code) == (404, 403)
    for answer in (missing, refused):
        assert '<nav class="nav"' in answer.text
        assert owner.account("restaurants") in answer.text
    stranger = browse(world.vareniki.owner).get(owner.account(absent))
    assert stranger.status_code == 404
    assert f'href="/accounts/{world.vareniki.slug}/restaurants"' in stranger.text
    assert f'href="/accounts/{world.pelmenya.slug}' not in stranger.text
    for nobody in (browse(), browse(world.superuser)):
        assert '<nav class="nav"' not in nobody.get(owner.account(absent)).text


def test_whoever_is_signed_in_keeps_the_navigation_at_an_address_that_nobody_knows(browse, world, owner):
    for path in ("/nowhere/at/all", owner.account("nothing"), "/accounts/no-such-chain/restaurants"):
        answer = owner.get(path)
        assert answer.status_code == 404
        assert f'href="{owner.account("restaurants")}"' in answer.text
        at_large = browse(world.superuser).get(path)
        assert at_large.status_code == 404
        assert 'class="topbar"' in at_large.text
        assert 'class="nav__link" href="/accounts' not in at_large.text


def test_the_page_does_not_tell_a_chain_of_others_from_one_that_does_not_exist(world, owner):
    def told(slug):
        text = owner.get(f"/accounts/{slug}/restaurants").text.replace(slug, "chain")
        return re.sub(r'(csrf_token" value|name="session" content)="[^"]*"', "", text)

    assert told(world.vareniki.slug) == told("nobodys-chain")


@pytest.mark.parametrize("status", sorted(MESSAGES))
def test_htmx_gets_a_toast_and_swaps_nothing(owner, failing, status):
    failing(lambda: abort(status))
    answer = owner.get(owner.account("restaurants"), htmx=True)
    assert answer.status_code == status
    assert answer.headers["HX-Reswap"] == "none"
    assert "<html" not in answer.text
    assert str(MESSAGES[status][0]) in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_fault_of_ours_is_a_500_that_tells_nothing(owner, failing, htmx):
    failing(raising(ValueError("the inner secret")))
    answer = owner.get(owner.account("restaurants"), htmx=htmx)
    assert answer.status_code == 500
    assert "inner secret" not in answer.text
    assert "ValueError" not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (HashingBusy(), 503),
        (OperationalError("SELECT 1", {}, psycopg.OperationalError("gone")), 503),
        (OperationalError("SELECT 1", {}, psycopg.errors.NumericValueOutOfRange("huge")), 422),
        (psycopg.OperationalError("the connection is lost"), 503),
        (psycopg.errors.NumericValueOutOfRange("huge"), 422),
        (psycopg.errors.UndefinedTable("no such table"), 500),
    ],
    ids=[
        "too many hashes",
        "the database is away",
        "a value too large",
        "the database is away while a list is read",
        "a value too large for a list",
        "a fault in a list",
    ],
)
def test_what_the_machine_cannot_do_is_told_from_faults(owner, failing, error, status):
    failing(raising(error))
    assert owner.get(owner.account("restaurants")).status_code == status


def test_connections_that_were_cut_while_nobody_used_them_are_made_anew(owner, superuser_sql, fresh_connections):
    assert owner.get(owner.account("restaurants")).status_code == 200
    ours = "FROM pg_stat_activity WHERE application_name = 'getinn-portal'"
    superuser_sql(f"SELECT pg_terminate_backend(pid, 5000) {ours}")
    told = [owner.get(owner.account("restaurants")).status_code for _ in range(20)]
    assert set(told) == {200}


def test_the_log_of_a_fault_does_not_hold_the_secret_of_a_link(app, browse, monkeypatch, caplog):
    view = raising(ValueError("broken"))
    view.access = app.view_functions["passwords.reset"].access
    monkeypatch.setitem(app.view_functions, "passwords.reset", view)
    assert browse().get("/password/" + "S" * 43).status_code == 500
    assert "broken" in caplog.text
    assert "S" * 43 not in caplog.text


def test_the_log_of_a_fault_of_the_database_holds_no_values(owner, failing, caplog):
    from sqlalchemy import text

    from portal.db.base import db

    told = {"told": " ".join(["the", "inner", "secret"])}  # in pieces: the traceback quotes this line
    failing(lambda: db.session.execute(text("SELECT no_such_function(:told)"), told))
    assert owner.get(owner.account("restaurants")).status_code == 500
    assert "no_such_function" in caplog.text
    assert "the inner secret" not in caplog.text


def test_a_failed_request_leaves_nothing_behind(owner, world, failing, superuser_sql):
    from portal.db.base import db
    from portal.restaurants.models import Restaurant

    def half_done():
        db.session.add(Restaurant(name="half done"))
        db.session.flush()
        abort(409)

    failing(half_done)
    assert owner.get(owner.account("restaurants")).status_code == 409
    assert superuser_sql("SELECT 1 FROM getinn_ops.restaurant WHERE name = 'half done'") == []


def test_a_page_that_is_not_there_answers_alike_to_strangers_and_members(browse, world):
    for browser in (browse(), browse(world.pelmenya.owner)):
        answer = browser.get("/nowhere/at/all")
        assert answer.status_code == 404
        assert str(MESSAGES[404][0]) in answer.text


def test_a_wrong_method_names_the_right_ones(browse, world):
    answer = browse(world.pelmenya.owner).get("/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_role_that_may_not_is_told_so(browse, world):
    browser = browse(world.pelmenya.chef)
    assert browser.get(browser.account("audit")).status_code == 403


def test_too_many_guesses_are_told_to_wait(browse, world):
    for _ in range(10):
        assert browse().post("/login", {"email": "x@y.example", "password": "wrong"}).status_code == 422
    answer = browse().post("/login", {"email": "x@y.example", "password": "wrong"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_what_is_too_large_is_told_so(owner):
    answer = owner.post(owner.account("restaurants/new"), {"name": "x" * (4 * 1024 * 1024 + 1)})
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["0000000009999999999", "9999999999", "9" * 5000])
def test_a_length_however_it_is_spelled_never_makes_a_large_form_be_held_in_memory(length):
    class Body(io.BytesIO):
        def read(self, size=-1):
            raise AssertionError("the body was read")

    seen = []
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": length,
        "wsgi.input": Body(),
    }
    MethodOverride(lambda environ, start_response: seen.append(environ["REQUEST_METHOD"]) or [])(environ, None)
    assert seen == ["POST"]


def test_a_form_out_of_date_says_so(owner):
    answer = owner.post(owner.account("restaurants/archival"), {"ids": "x"}, csrf=False)
    assert answer.status_code == 400
    assert "out of date" in answer.text
