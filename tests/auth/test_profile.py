"""A person's own pages."""

from typing import Any

import pytest

from portal.auth.sessions import browser_name
from portal.auth.throttle import GUESSES_PER_WINDOW
from tests.world import World
from tests.world_rows import PASSWORD

NEW_PASSWORD = "seven lanterns on the quay"
PROFILE = {"full_name": "Anna", "locale": "ru", "timezone": "Asia/Tokyo", "theme": "dark"}
SESSIONS = "SELECT id FROM getinn_ops.user_session WHERE user_id = %s"


def test_the_profile_is_saved_and_spoken(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse(world.pelmenya.chef)
    assert browser.post("/profile", PROFILE).status_code == 303
    [row] = superuser_sql('SELECT * FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert (row.full_name, row.locale, row.timezone) == ("Anna", "ru", "Asia/Tokyo")
    page = browser.get("/profile").text
    assert '<html lang="ru" data-theme="dark"' in page


def test_what_is_left_to_the_browser_is_forgotten(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse(world.pelmenya.chef)
    browser.post("/profile", PROFILE)
    browser.post("/profile", {"full_name": "", "locale": "", "timezone": "", "theme": ""})
    [row] = superuser_sql('SELECT * FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert (row.full_name, row.locale, row.timezone) == (None, None, None)
    page = browser.get("/profile", headers={"Accept-Language": "en"}).text
    assert '<html lang="en" data-theme=""' in page


@pytest.mark.parametrize("field", ["locale", "timezone", "theme"])
@pytest.mark.parametrize("value", ["xx", "\x00", "../../etc/passwd", "Mars/Olympus"])
def test_only_what_is_offered_can_be_chosen(browse: Any, world: World, field: str, value: str) -> None:
    answer = browse(world.pelmenya.chef).post("/profile", {**PROFILE, field: value})
    assert answer.status_code == 422


def test_the_email_cannot_be_changed_here(browse: Any, world: World, superuser_sql: Any) -> None:
    chef = world.pelmenya.chef
    fields = {**PROFILE, "email": "x@y.example", "role": "owner", "is_superuser": "1"}
    browse(chef).post("/profile", fields)
    [row] = superuser_sql('SELECT * FROM getinn_ops."user" WHERE id = %s', [chef.id])
    assert (row.email, row.role, row.is_superuser) == (chef.email, "chef", False)


def test_members_keep_their_navigation_and_superusers_have_a_profile_too(browse: Any, world: World) -> None:
    chef, root = browse(world.pelmenya.chef).get("/profile"), browse(world.superuser).get("/profile")
    assert 'href="/accounts/pelmenya/restaurants"' in chef.text
    assert root.status_code == 200
    assert world.superuser.email in root.text


def test_the_profile_takes_at_most_four_statements(browse: Any, world: World, statements: Any) -> None:
    browser = browse(world.pelmenya.owner)
    browser.get("/profile")
    with statements() as counted:
        browser.get("/profile")
    assert counted.total <= 4, counted.statements


def test_a_new_password_ends_all_other_sessions(browse: Any, world: World) -> None:
    chef = world.pelmenya.chef
    here, elsewhere = browse(chef), browse(chef)
    answer = here.post("/profile/password", {"current": PASSWORD, "password": NEW_PASSWORD})
    assert answer.status_code == 303
    assert here.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 302
    assert browse().post("/login", {"email": chef.email, "password": NEW_PASSWORD}).status_code == 303


def test_the_current_password_is_required(browse: Any, world: World) -> None:
    chef = browse(world.pelmenya.chef)
    answer = chef.post("/profile/password", {"current": "not this one", "password": NEW_PASSWORD})
    assert answer.status_code == 422
    assert "This is not your current password." in answer.text
    signed_in = browse().post("/login", {"email": world.pelmenya.chef.email, "password": PASSWORD})
    assert signed_in.status_code == 303


def test_a_poor_new_password_is_refused_before_anything_is_asked(browse: Any, world: World) -> None:
    answer = browse(world.pelmenya.chef).post("/profile/password", {"current": PASSWORD, "password": "short"})
    assert answer.status_code == 422


def test_guessing_the_current_password_is_throttled(browse: Any, world: World) -> None:
    chef = browse(world.pelmenya.chef)
    wrong = {"current": "not this one", "password": NEW_PASSWORD}
    for _turn in range(GUESSES_PER_WINDOW):
        assert chef.post("/profile/password", wrong).status_code == 422
    assert chef.post("/profile/password", {**wrong, "current": PASSWORD}).status_code == 429


def test_strangers_who_guess_do_not_keep_anybody_from_changing_the_password(browse: Any, world: World) -> None:
    chef = browse(world.pelmenya.chef)
    for _turn in range(GUESSES_PER_WINDOW + 1):
        browse().post("/login", {"email": world.pelmenya.chef.email, "password": "wrong"})
    answer = chef.post("/profile/password", {"current": PASSWORD, "password": NEW_PASSWORD})
    assert answer.status_code == 303


def test_sessions_are_shown_with_this_device_marked(browse: Any, world: World) -> None:
    page = browse(world.pelmenya.owner).get("/profile").text
    assert page.count("This device") == 1
    assert "192.0.2.1" in page
    assert f"/profile/sessions/{world.pelmenya.session_id}" in page


@pytest.mark.parametrize("htmx", [False, True])
def test_ending_one_session_leaves_the_others(browse: Any, world: World, superuser_sql: Any, htmx: bool) -> None:
    owner = browse(world.pelmenya.owner)
    answer = owner.delete(f"/profile/sessions/{world.pelmenya.session_id}", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    left = [row.id for row in superuser_sql(SESSIONS, [world.pelmenya.owner.id])]
    assert len(left) == 1
    assert world.pelmenya.session_id not in left
    assert owner.get("/profile").status_code == 200


def test_nobody_ends_the_sessions_of_others(browse: Any, world: World, superuser_sql: Any) -> None:
    for person in (world.pelmenya.manager, world.vareniki.owner, world.superuser):
        answer = browse(person).delete(f"/profile/sessions/{world.pelmenya.session_id}")
        assert answer.status_code == 404
    assert superuser_sql(SESSIONS, [world.pelmenya.owner.id])


def test_all_other_sessions_end_at_once(browse: Any, world: World) -> None:
    owner = world.pelmenya.owner
    here, elsewhere, colleague = browse(owner), browse(owner), browse(world.pelmenya.chef)
    assert here.delete("/profile/sessions").status_code == 303
    assert [each.get("/profile").status_code for each in (here, elsewhere, colleague)] == [200, 302, 200]


def test_the_language_is_kept_for_strangers_and_members(browse: Any, world: World, superuser_sql: Any) -> None:
    stranger, chef = browse(), browse(world.pelmenya.chef)
    for browser in (stranger, chef):
        answer = browser.post("/language", {"locale": "ru", "next": "/login?next=/profile"})
        assert (answer.status_code, answer.location) == (303, "/login?next=/profile")
    assert '<html lang="ru"' in stranger.get("/login").text
    [row] = superuser_sql('SELECT locale FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert row.locale == "ru"


@pytest.mark.parametrize("fields", [{}, {"locale": "de"}, {"locale": "\x00"}])
def test_an_unknown_language_is_refused(browse: Any, fields: dict[str, str]) -> None:
    assert browse().post("/language", fields).status_code == 422


def test_the_language_leads_back_into_the_portal_only(browse: Any) -> None:
    answer = browse().post("/language", {"locale": "en", "next": "//evil.example"})
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "Unknown browser"),
        (None, "Unknown browser"),
    ],
)
def test_a_browser_is_called_by_its_name(app: Any, user_agent: str | None, name: str) -> None:
    with app.test_request_context():
        assert browser_name(user_agent) == name
