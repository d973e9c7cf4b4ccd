"""Forms whose proof is no longer good, or whose sender is no longer signed in: nothing is saved, nothing is lost."""

import html
import re
from typing import Any

import pytest

from portal.auth.kept_form import KeptForm
from tests.factors import set_up_app
from tests.world import World
from tests.world_rows import PASSWORD

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"name": "Пельменная <на> Мясницкой", "phone": "+7 495 765-43-21", "email": "", "timezone": "Europe/Moscow"}
RESTAURANTS = "SELECT name FROM getinn_ops.restaurant WHERE name = %s"


def filled(page: str) -> dict[str, str]:
    """What the hidden and visible one-line fields of a page hold."""
    inputs = re.findall(r"<input [^>]*>", page)
    named = ((re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs)
    return {name[1]: html.unescape(value[1]) for name, value in named if name and value}


def test_a_stale_form_comes_back_filled_in_and_is_saved_when_it_is_sent_again(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    owner = browse(world.pelmenya.owner)
    url = owner.account("restaurants/new")
    answer = owner.post(url, TYPED, csrf=False, headers=OWN_PAGE)
    assert answer.status_code == 422
    assert "Nothing was saved yet" in answer.text
    assert superuser_sql(RESTAURANTS, [TYPED["name"]]) == []
    back = filled(answer.text)
    assert {name: back[name] for name in ("name", "phone")} == {name: TYPED[name] for name in ("name", "phone")}
    assert 'selected value="Europe/Moscow"' in answer.text
    again = owner.post(url, {**TYPED, "csrf_token": back["csrf_token"]}, csrf=False, headers=OWN_PAGE)
    assert again.status_code == 303
    assert len(superuser_sql(RESTAURANTS, [TYPED["name"]])) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
     {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Origin": "https://[broken"}],
)  # fmt: skip
def test_another_site_fills_in_no_form(browse: Any, world: World, headers: dict[str, str]) -> None:
    url = browse(world.pelmenya.owner).account("restaurants/new")
    answer = browse(world.pelmenya.owner).post(url, TYPED, csrf=False, headers=headers)
    assert answer.status_code == 400
    assert "Nothing was saved" in answer.text
    assert TYPED["phone"] not in answer.text
    stranger = browse().post(url, TYPED, csrf=False, headers=headers)
    assert stranger.status_code == 303
    assert "/login" in stranger.location


def test_a_browser_that_says_only_where_a_form_came_from_is_believed(browse: Any, world: World) -> None:
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account("restaurants/new"), TYPED, csrf=False, headers={"Origin": "https://localhost"})
    assert (answer.status_code, TYPED["phone"] in answer.text) == (422, True)


def test_what_somebody_else_typed_is_not_shown_to_whoever_is_signed_in_now(browse: Any, world: World) -> None:
    manager, owner = browse(world.pelmenya.manager), browse(world.pelmenya.owner)
    url = owner.account("restaurants/new")
    theirs = filled(manager.get("/profile").text)["csrf_token"]
    answer = owner.post(url, {**TYPED, "csrf_token": theirs}, csrf=False, headers=OWN_PAGE)
    assert (answer.status_code, TYPED["phone"] in answer.text) == (400, False)
    part = owner.post(url, {**TYPED, "csrf_token": theirs}, csrf=False, htmx=True, headers=OWN_PAGE)
    assert (part.status_code, "Form-Proof" in part.headers) == (400, False)
    own = filled(browse(world.pelmenya.owner).get("/profile").text)["csrf_token"]
    answer = owner.post(url, {**TYPED, "csrf_token": own}, csrf=False, headers=OWN_PAGE)
    assert (answer.status_code, TYPED["phone"] in answer.text) == (422, True)


def sent_without_session(browse: Any, world: World, person: Any, url: str, typed: dict[str, str]) -> tuple[Any, Any]:
    """A browser whose session has ended since the page was opened, and the answer to what it sends."""
    token = filled(browse(person).get("/profile").text)["csrf_token"]
    browser = browse()
    return browser, browser.post(url, {**typed, "csrf_token": token}, csrf=False, headers=OWN_PAGE)


def sign_in(browser: Any, page: str, email: str) -> Any:
    fields = filled(page)
    form = {"email": email, "password": PASSWORD, "next": fields["next"], "kept": fields["kept"]}
    return browser.post("/login", form)


def test_signing_in_leads_back_to_the_filled_form(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = world.pelmenya.owner
    url = browse(owner).account("restaurants/new")
    browser, answer = sent_without_session(browse, world, owner, url, TYPED)
    assert answer.status_code == 401
    assert "sign in as the same person" in answer.text
    assert TYPED["phone"] not in answer.text
    page = sign_in(browser, answer.text, owner.email)
    assert page.status_code == 200
    assert f'action="{url}"' in page.text
    waiting = filled(page.text)
    assert waiting["phone"] == TYPED["phone"]
    back = browser.post(url, waiting, csrf=False)
    assert back.status_code == 422
    assert "You are signed in again" in back.text
    assert filled(back.text)["name"] == TYPED["name"]
    assert superuser_sql(RESTAURANTS, [TYPED["name"]]) == []
    sent = {name: value for name, value in filled(back.text).items() if name not in ("_method",)}
    assert browser.post(url, {**TYPED, "csrf_token": sent["csrf_token"]}, csrf=False).status_code == 303
    assert len(superuser_sql(RESTAURANTS, [TYPED["name"]])) == 1


def test_a_second_factor_does_not_lose_the_form_and_one_waits_for_a_person_at_most(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    owner = world.pelmenya.owner
    own, token = browse(owner), filled(browse(owner).get("/profile").text)["csrf_token"]
    authenticator, _codes = set_up_app(own)
    url = own.account("restaurants/new")
    for _number in range(2):
        browser = browse()
        answer = browser.post(url, {**TYPED, "csrf_token": token}, csrf=False, headers=OWN_PAGE)
        page = sign_in(browser, answer.text, owner.email)
        assert page.status_code == 303
        assert "/login/factor" in page.location
    waiting = "SELECT kept_form FROM getinn_ops.pending_sign_in WHERE user_id = %s AND kept_form IS NOT NULL"
    [kept] = superuser_sql(waiting, [owner.id])
    assert TYPED["phone"] not in kept.kept_form
    page = browser.post(page.location, {"code": authenticator.code()})
    assert page.status_code == 200
    assert filled(page.text)["phone"] == TYPED["phone"]
    assert superuser_sql(waiting, [owner.id]) == []


def test_a_superusers_form_waits_for_the_visit_too(browse: Any, world: World, superuser_sql: Any) -> None:
    url = browse(world.superuser, visiting=world.pelmenya).account("restaurants/new")
    browser, answer = sent_without_session(browse, world, world.superuser, url, TYPED)
    page = sign_in(browser, answer.text, world.superuser.email)
    visit = browser.post(url, filled(page.text), csrf=False, headers=OWN_PAGE)
    assert visit.status_code == 403
    assert "waits until the visit has begun" in visit.text
    begun = browser.post(
        f"/accounts/{world.pelmenya.slug}/visit", {**filled(visit.text), "reason": "a question"}, csrf=False
    )
    back = browser.post(url, filled(begun.text), csrf=False)
    assert (back.status_code, filled(back.text)["phone"]) == (422, TYPED["phone"])
    assert superuser_sql(RESTAURANTS, [TYPED["name"]]) == []


def test_a_form_goes_along_to_the_other_ways_of_signing_in(browse: Any, world: World) -> None:
    owner = world.pelmenya.owner
    url = browse(owner).account("restaurants/new")
    browser, answer = sent_without_session(browse, world, owner, url, TYPED)
    kept = filled(answer.text)["kept"]
    by_passkey = browser.post("/login/passkey", {"_begin": "1", "next": url, "kept": kept})
    assert by_passkey.status_code == 200
    assert filled(by_passkey.text)["kept"] == kept
    by_password = browser.post("/login", {"_begin": "1", "next": url, "kept": kept})
    assert by_password.status_code == 200
    assert filled(by_password.text)["kept"] == kept
    assert sign_in(browser, by_password.text, owner.email).status_code == 200


def test_another_person_who_signs_in_there_sees_nothing_of_it(browse: Any, world: World) -> None:
    url = browse(world.pelmenya.owner).account("restaurants/new")
    browser, answer = sent_without_session(browse, world, world.pelmenya.owner, url, TYPED)
    page = sign_in(browser, answer.text, world.pelmenya.manager.email)
    assert page.status_code == 303
    after = browser.get(page.location)
    assert "What was typed before is not shown" in after.text
    assert TYPED["phone"] not in after.text


def test_a_sealed_form_is_good_for_an_hour_and_only_as_it_was_sealed(
    browse: Any, world: World, monkeypatch: Any
) -> None:
    owner = world.pelmenya.owner
    url = browse(owner).account("restaurants/new")
    browser, answer = sent_without_session(browse, world, owner, url, TYPED)
    sealed = filled(answer.text)["kept"]
    with browser.app.app_context():
        assert KeptForm.opened(sealed) is not None
        for other in (sealed[:-8] + "AAAAAAA=", sealed[4:], "x", "", "A" * 3_000_000):
            assert KeptForm.opened(other) is None
    monkeypatch.setattr("portal.auth.kept_form.LIFETIME_SECONDS", -1)
    _browser, late = sent_without_session(browse, world, owner, url, TYPED)
    with browser.app.app_context():
        assert KeptForm.opened(filled(late.text)["kept"]) is None


def test_a_new_secret_key_loses_nothing_of_what_was_typed(browse: Any, world: World, monkeypatch: Any) -> None:
    owner = browse(world.pelmenya.owner)
    token = filled(owner.get("/profile").text)["csrf_token"]
    for name, value in (
        ("SECRET_KEY", "another key of more than thirty-two letters"),
        ("WTF_CSRF_SECRET_KEY", ["x" * 40]),
    ):
        monkeypatch.setitem(owner.app.config, name, value)
    url = owner.account("restaurants/new")
    answer = owner.post(url, {**TYPED, "csrf_token": token}, csrf=False, headers=OWN_PAGE)
    assert (answer.status_code, filled(answer.text)["phone"]) == (422, TYPED["phone"])
    stranger = browse()
    stranger.app.config["SECRET_KEY"] = owner.app.config["SECRET_KEY"]
    kept = stranger.post(url, {**TYPED, "csrf_token": token}, csrf=False, headers=OWN_PAGE)
    assert kept.status_code == 401
    with stranger.app.app_context():
        form = KeptForm.opened(filled(kept.text)["kept"])
    assert form is not None
    assert form.is_of(world.pelmenya.owner.id)
    assert not form.is_of(world.pelmenya.manager.id)


def test_a_switch_says_that_somebody_is_signed_out_and_the_page_stays(browse: Any, world: World) -> None:
    owner = browse(world.pelmenya.owner)
    url = owner.account(f"bots/{world.pelmenya.bot_id}/platforms/telegram/activation")
    here = f"https://localhost{owner.account('bots')}"
    answer = browse().post(url, {}, csrf=False, htmx=True, headers={**OWN_PAGE, "HX-Current-URL": here})
    assert answer.status_code == 401
    assert answer.headers["HX-Reswap"] == "none"
    assert "HX-Redirect" not in answer.headers
    assert "You are signed out" in answer.text
    assert f"/login?next={owner.account('bots')}" in html.unescape(answer.text)


def test_a_switch_of_an_older_page_does_nothing_and_brings_the_page_a_good_proof(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    owner = browse(world.pelmenya.owner)
    url = owner.account("restaurants/archival")
    ids = {"ids": str(world.pelmenya.restaurant_id)}
    answer = owner.post(url, ids, csrf=False, htmx=True, headers=OWN_PAGE)
    assert answer.status_code == 400
    assert "Press once more" in answer.text
    again = owner.post(url, {**ids, "csrf_token": answer.headers["Form-Proof"]}, csrf=False, htmx=True)
    assert again.status_code in (204, 303)


def test_without_javascript_what_was_chosen_is_sent_by_one_more_press(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    owner = browse(world.pelmenya.owner)
    url = owner.account("restaurants/archival")
    page = owner.post(url, {"ids": str(world.pelmenya.restaurant_id)}, csrf=False, headers=OWN_PAGE)
    assert page.status_code == 400
    assert f'action="{url}"' in page.text
    active = "SELECT is_active FROM getinn_ops.restaurant WHERE id = %s"
    assert superuser_sql(active, [world.pelmenya.restaurant_id])[0].is_active
    assert owner.post(url, filled(page.text), csrf=False).status_code == 303
    assert not superuser_sql(active, [world.pelmenya.restaurant_id])[0].is_active


def test_passwords_are_not_kept_and_that_is_said(browse: Any, world: World) -> None:
    owner = world.pelmenya.owner
    url = browse(owner).account(f"integrations/{world.pelmenya.integration_id}/edit")
    typed = {"base_url": "https://x.iiko.it", "login": "anna", "password": "lantern-8", "_secret": "password"}
    _browser, answer = sent_without_session(browse, world, owner, url, typed)
    assert "Passwords and files are not kept." in answer.text
    with _browser.app.app_context():
        form = KeptForm.opened(filled(answer.text)["kept"])
    assert form is not None
    assert dict(form.sent.fields) == {"base_url": "https://x.iiko.it", "login": "anna"}
    back = browse(owner).post(url, typed, csrf=False, headers=OWN_PAGE)
    assert "Passwords and files are not kept: give them once more." in back.text
    assert "lantern-8" not in back.text
    assert filled(back.text)["login"] == "anna"
