"""Signing in and out, and what a copied cookie is worth afterwards."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import bcrypt
import pytest
from flask_login.utils import encode_cookie
from werkzeug.exceptions import TooManyRequests

from portal.auth import devices, signing_in, throttle
from portal.auth.decoys import decoy_hash
from portal.auth.throttle import GUESSES_PER_WINDOW
from portal.web.cookies import HOST_BOUND
from tests.browsing import SESSION_COOKIE, Browser
from tests.world import Person, World
from tests.world_rows import PASSWORD

NEW_PASSWORD = "seven lanterns on the quay"
SESSION = "UPDATE getinn_ops.user_session SET "


def sign_in(browser: Browser, person: Person, password: str = PASSWORD, **fields: str) -> Any:
    return browser.post("/login", {"email": person.email, "password": password, **fields})


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/profile").status_code == 200


def copy_of(browser: Browser, browse: Callable[..., Browser]) -> Browser:
    """Another browser that holds the same session cookie."""
    other = browse()
    held = browser.client.get_cookie(SESSION_COOKIE)
    assert held is not None
    other.client.set_cookie(SESSION_COOKIE, held.value, domain="localhost", secure=True)
    return other


def plant_cookies_of_flask_login(browser: Browser, person: Person) -> None:
    """Hold what Flask-Login would have written for that person, rightly signed."""
    browser.get("/login")
    with browser.client.session_transaction(base_url="https://localhost") as kept:
        kept["_user_id"], kept["_fresh"] = str(person.id), True
    with browser.client.application.app_context():
        remembered = encode_cookie(str(person.id))
    browser.client.set_cookie("remember_token", remembered, domain="localhost", secure=True)


def words_of(body: str) -> str:
    """The page without the token of its form and what was typed."""
    return re.sub(r'value="[^"]*"', "", body)


def test_the_right_password_signs_in_and_leads_home(browse: Any, world: World) -> None:
    browser = browse()
    answer = sign_in(browser, world.pelmenya.owner)
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/").location == "/accounts/pelmenya/"


def test_only_the_cookie_of_a_session_row_tells_who_is_there(browse: Any, world: World) -> None:
    stranger, owner = browse(), browse(world.pelmenya.owner)
    plant_cookies_of_flask_login(stranger, world.pelmenya.owner)
    plant_cookies_of_flask_login(owner, world.vareniki.owner)
    assert not is_signed_in(stranger)
    assert world.pelmenya.owner.email in owner.get("/profile").text


def test_flask_login_keeps_nothing_in_the_browser(browse: Any, world: World) -> None:
    browser = browse()
    sign_in(browser, world.pelmenya.owner)
    for _visit in range(2):
        browser.get("/profile")
    with browser.client.session_transaction(base_url="https://localhost") as kept:
        assert not {"_user_id", "_fresh", "_id", "_remember"} & set(kept)
    assert browser.client.get_cookie("remember_token") is None


def test_an_email_is_known_in_any_case(browse: Any, world: World) -> None:
    browser = browse()
    answer = browser.post("/login", {"email": world.pelmenya.owner.email.upper(), "password": PASSWORD})
    assert answer.status_code == 303


def test_unknown_wrong_deactivated_and_closed_answer_alike(browse: Any, world: World, superuser_sql: Any) -> None:
    superuser_sql("UPDATE getinn_ops.account SET is_active = false WHERE id = %s", [world.vareniki.account_id])
    tries = {
        "unknown": ("nobody@nowhere.example", PASSWORD),
        "wrong": (world.pelmenya.owner.email, "not the password at all"),
        "deactivated": (world.pelmenya.deactivated.email, PASSWORD),
        "closed chain": (world.vareniki.owner.email, PASSWORD),
    }
    answers = {name: browse().post("/login", {"email": e, "password": p}) for name, (e, p) in tries.items()}
    assert {answer.status_code for answer in answers.values()} == {422}
    assert len({words_of(answer.text) for answer in answers.values()}) == 1
    assert not any(SESSION_COOKIE in answer.headers.get("Set-Cookie", "") for answer in answers.values())


def test_an_unknown_email_costs_a_verification_too(browse: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[tuple[str, str]] = []
    real = signing_in.verify_password
    monkeypatch.setattr(
        signing_in, "verify_password", lambda *given, **known: verified.append(given) or real(*given, **known)
    )
    browse().post("/login", {"email": "nobody@nowhere.example", "password": "some words or other"})
    [(stored, password)] = verified
    assert stored.startswith("$argon2id$")
    assert password == "some words or other"


def test_unknown_emails_have_the_kinds_of_hashes_that_real_people_have(
    app: Any, world: World, superuser_sql: Any
) -> None:
    app.extensions.pop("hash_shares", None)
    superuser_sql(
        "UPDATE getinn_ops.\"user\" SET hashed_password = '$2b$11$' || repeat('a', 53) WHERE id IN "
        '(SELECT id FROM getinn_ops."user" WHERE is_active ORDER BY id LIMIT '
        '(SELECT count(*) / 2 FROM getinn_ops."user" WHERE is_active))'
    )
    with app.test_request_context():
        kinds = [decoy_hash(f"nobody{number}@nowhere.example")[:7] for number in range(400)]
        assert decoy_hash("nobody@nowhere.example") == decoy_hash("Nobody@nowhere.example")
    app.extensions.pop("hash_shares", None)
    assert 120 < kinds.count("$2b$11$") < 280
    assert kinds.count("$2b$11$") + kinds.count("$argon2") == 400


def wear_out(browse: Any, email: str) -> None:
    """Guess from as many addresses as there are guesses, until strangers are refused."""
    for turn in range(GUESSES_PER_WINDOW):
        answer = guess_from(browse(), email, f"192.0.2.{turn + 1}")
        assert answer.status_code == 422
    assert guess_from(browse(), email, "192.0.2.99", PASSWORD).status_code == 429


def guess_from(browser: Browser, email: str, address: str, password: str = "wrong") -> Any:
    return browser.post("/login", {"email": email, "password": password}, environ_base={"REMOTE_ADDR": address})


def test_guesses_at_one_person_are_counted_over_all_browsers(browse: Any, world: World) -> None:
    wear_out(browse, world.pelmenya.owner.email)
    assert sign_in(browse(), world.pelmenya.chef).status_code == 303


def test_strangers_who_guess_do_not_shut_anybody_out_of_their_own_browser(browse: Any, world: World) -> None:
    owner = world.pelmenya.owner
    own, shared = browse(), browse()
    assert sign_in(own, owner).status_code == 303
    assert sign_in(shared, owner).status_code == 303
    assert sign_in(shared, world.pelmenya.chef).status_code == 303
    for browser in (own, shared):
        browser.post("/logout", {})
    wear_out(browse, owner.email)
    assert sign_in(own, owner).status_code == 303
    assert sign_in(shared, owner).status_code == 303


def test_a_known_browser_may_not_guess_for_ever_either(browse: Any, world: World) -> None:
    browser = browse()
    sign_in(browser, world.pelmenya.owner)
    browser.post("/logout", {})
    answers = [sign_in(browser, world.pelmenya.owner, "wrong").status_code for _turn in range(GUESSES_PER_WINDOW + 1)]
    assert answers == [422] * GUESSES_PER_WINDOW + [429]
    assert sign_in(browse(), world.pelmenya.owner).status_code == 303


def test_a_browser_is_known_by_those_alone_who_signed_in_there(browse: Any, world: World) -> None:
    browser = browse()
    sign_in(browser, world.pelmenya.chef)
    browser.post("/logout", {})
    wear_out(browse, world.pelmenya.owner.email)
    assert sign_in(browser, world.pelmenya.owner).status_code == 429


@pytest.mark.parametrize("planted", ["", "x", "WyJ4IixbXV0.forged", "[]", "é" * 50, "a" * 3000])
def test_a_forged_device_is_a_strangers(browse: Any, world: World, planted: str) -> None:
    browser = browse()
    browser.client.set_cookie(f"{HOST_BOUND}{devices.PLAIN_NAME}", planted, domain="localhost", secure=True)
    wear_out(browse, world.pelmenya.owner.email)
    assert sign_in(browser, world.pelmenya.owner).status_code == 429


def test_refused_guesses_do_not_count(browse: Any, world: World, superuser_sql: Any) -> None:
    wear_out(browse, world.pelmenya.owner.email)
    for _turn in range(5):
        assert guess_from(browse(), world.pelmenya.owner.email, "198.51.100.7").status_code == 429
    superuser_sql(
        "UPDATE getinn_ops.sign_in_attempt SET at = at - interval '5 minutes 1 second' WHERE id IN "
        "(SELECT min(id) FROM getinn_ops.sign_in_attempt GROUP BY subject)"
    )
    assert guess_from(browse(), world.pelmenya.owner.email, "198.51.100.8", PASSWORD).status_code == 303


def test_the_refusal_says_when_one_more_guess_is_allowed(browse: Any, world: World, superuser_sql: Any) -> None:
    wear_out(browse, world.pelmenya.owner.email)
    superuser_sql("UPDATE getinn_ops.sign_in_attempt SET at = at - interval '4 minutes'")
    answer = guess_from(browse(), world.pelmenya.owner.email, "198.51.100.7")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_one_network_of_ipv6_is_one_visitor(browse: Any) -> None:
    for turn in range(GUESSES_PER_WINDOW):
        answer = guess_from(browse(), f"person{turn}@nowhere.example", f"2001:db8:1:2::{turn + 1:x}")
        assert answer.status_code == 422
    assert guess_from(browse(), "one@nowhere.example", "2001:db8:1:2:ffff::1").status_code == 429
    assert guess_from(browse(), "one@nowhere.example", "2001:db8:1:3::1").status_code == 422


def test_all_strangers_together_have_a_ceiling_that_known_browsers_do_not_feel(
    browse: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = browse()
    sign_in(known, world.pelmenya.owner)
    known.post("/logout", {})
    monkeypatch.setattr(throttle, "STRANGERS_PER_WINDOW", 3)
    answers = [
        guess_from(browse(), f"person{turn}@nowhere.example", f"192.0.2.{turn}").status_code for turn in range(4)
    ]
    assert answers == [422, 422, 422, 429]
    assert sign_in(known, world.pelmenya.owner).status_code == 303


def test_guesses_made_side_by_side_are_all_counted(app: Any) -> None:
    def guess(turn: int) -> bool:
        with app.test_request_context():
            try:
                throttle.password_guess("anna@nowhere.example", f"192.0.2.{turn}", None).count()
            except TooManyRequests:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(guess, range(3 * GUESSES_PER_WINDOW)))
    assert allowed.count(True) == GUESSES_PER_WINDOW


def test_guesses_from_one_address_are_counted_over_all_people(browse: Any, world: World) -> None:
    for turn in range(GUESSES_PER_WINDOW):
        browse().post("/login", {"email": f"person{turn}@nowhere.example", "password": "wrong"})
    assert sign_in(browse(), world.pelmenya.owner).status_code == 429


def test_right_passwords_do_not_throttle_those_who_share_an_address(browse: Any, world: World) -> None:
    for _turn in range(GUESSES_PER_WINDOW + 2):
        assert sign_in(browse(), world.pelmenya.owner).status_code == 303


def test_old_guesses_are_forgotten(browse: Any, world: World, superuser_sql: Any) -> None:
    for _turn in range(GUESSES_PER_WINDOW + 1):
        sign_in(browse(), world.pelmenya.owner, "wrong")
    superuser_sql("UPDATE getinn_ops.sign_in_attempt SET at = at - interval '6 minutes'")
    assert sign_in(browse(), world.pelmenya.owner).status_code == 303


def test_a_planted_cookie_is_not_the_one_that_signs_in(browse: Any, world: World) -> None:
    browser = browse()
    browser.client.set_cookie(SESSION_COOKIE, "planted-by-somebody", domain="localhost", secure=True)
    planted = copy_of(browser, browse)
    sign_in(browser, world.pelmenya.owner)
    assert browser.client.get_cookie(SESSION_COOKIE).value != "planted-by-somebody"
    assert not is_signed_in(planted)


def test_signing_in_anew_ends_the_session_before(browse: Any, world: World) -> None:
    browser = browse(world.pelmenya.owner)
    before = copy_of(browser, browse)
    sign_in(browser, world.vareniki.owner)
    assert is_signed_in(browser)
    assert not is_signed_in(before)


def test_the_log_of_a_chain_names_its_own_person_whoever_sat_there_before(
    browse: Any, world: World, superuser_sql: Any
) -> None:
    sign_in(browse(world.pelmenya.owner), world.vareniki.owner)
    rows = superuser_sql(
        "SELECT actor_email FROM getinn_ops.audit_event WHERE account_id = %s AND action = 'signed_in'",
        [world.vareniki.account_id],
    )
    assert [row.actor_email for row in rows] == [world.vareniki.owner.email]


def test_the_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts(browse: Any, world: World) -> None:
    header = sign_in(browse(), world.pelmenya.owner).headers.getlist("Set-Cookie")
    session = next(value for value in header if value.startswith(SESSION_COOKIE))
    assert session.startswith("__Host-")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in session
    assert "Domain" not in session


def test_the_database_does_not_hold_what_the_cookie_holds(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse()
    sign_in(browser, world.pelmenya.owner)
    token = browser.client.get_cookie(SESSION_COOKIE).value.encode()
    hashes = [bytes(row.token_hash) for row in superuser_sql("SELECT token_hash FROM getinn_ops.user_session")]
    assert token not in hashes


def test_a_copied_cookie_is_dead_after_signing_out(browse: Any, world: World) -> None:
    browser = browse(world.pelmenya.owner)
    copied = copy_of(browser, browse)
    assert is_signed_in(copied)
    assert browser.post("/logout").location == "/login"
    assert not is_signed_in(copied)


def test_signing_out_takes_a_form(browse: Any, world: World) -> None:
    browser = browse(world.pelmenya.owner)
    assert browser.get("/logout").status_code == 405
    assert browser.post("/logout", csrf=False).status_code == 400
    assert is_signed_in(browser)


def test_signing_in_takes_a_form_of_the_portal(browse: Any, world: World) -> None:
    form = {"email": world.pelmenya.owner.email, "password": PASSWORD}
    assert browse().post("/login", form, csrf=False).status_code == 400


@pytest.mark.parametrize("change", ["is_active", "account"])
def test_a_session_is_dead_once_the_person_or_the_chain_is_closed(
    browse: Any, world: World, superuser_sql: Any, change: str
) -> None:
    browser = browse(world.pelmenya.manager)
    if change == "account":
        superuser_sql("UPDATE getinn_ops.account SET is_active = false WHERE id = %s", [world.pelmenya.account_id])
    else:
        superuser_sql('UPDATE getinn_ops."user" SET is_active = false WHERE id = %s', [world.pelmenya.manager.id])
    assert not is_signed_in(browser)


def test_a_session_ends_after_a_week_without_use(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse(world.pelmenya.owner)
    superuser_sql(SESSION + "last_seen_at = last_seen_at - %s", [timedelta(days=6, hours=23)])
    assert is_signed_in(browser)
    superuser_sql(SESSION + "last_seen_at = last_seen_at - %s", [timedelta(days=7, hours=1)])
    assert not is_signed_in(browser)


def test_use_keeps_a_session_alive_but_not_for_ever(browse: Any, world: World, superuser_sql: Any) -> None:
    browser = browse()
    sign_in(browser, world.pelmenya.owner)
    superuser_sql(SESSION + "last_seen_at = last_seen_at - interval '1 day'")
    assert is_signed_in(browser)
    [row] = superuser_sql(
        "SELECT expires_at - created_at AS life, timezone('utc', now()) - last_seen_at < interval '1 minute' AS used"
        " FROM getinn_ops.user_session WHERE user_id = %s AND id <> %s",
        [world.pelmenya.owner.id, world.pelmenya.session_id],
    )
    assert row.used
    assert timedelta(days=29, hours=23) < row.life < timedelta(days=30, hours=1)
    superuser_sql(SESSION + "expires_at = timezone('utc', now()) - interval '1 second'")
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\/evil.example", "javascript:alert(1)",
        "evil.example", "/\t/evil.example", "/\r\nX: y", "/profile\n",
    ],
)  # fmt: skip
def test_next_leads_nowhere_but_into_the_portal(browse: Any, world: World, target: str) -> None:
    assert sign_in(browse(), world.pelmenya.owner, next=target).location == "/"
    signed_in = browse(world.pelmenya.owner)
    answer = signed_in.get("/login", query_string={"next": target})
    assert answer.location == "/accounts/pelmenya/"


def test_next_leads_back_to_the_page_that_was_asked_for(browse: Any, world: World) -> None:
    wanted = "/accounts/pelmenya/restaurants?q=main"
    browser = browse()
    answer = browser.get(wanted)
    assert answer.location.startswith("/login?next=")
    assert sign_in(browser, world.pelmenya.owner, next=wanted).location == wanted


def test_an_expired_session_sends_htmx_to_the_log_in_page(browse: Any, world: World) -> None:
    answer = browse().get("/accounts/pelmenya/restaurants", htmx=True)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")
    assert answer.text == ""


def test_a_hash_of_an_older_writer_is_renewed_at_signing_in(browse: Any, world: World, superuser_sql: Any) -> None:
    owner = world.pelmenya.owner
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    superuser_sql('UPDATE getinn_ops."user" SET hashed_password = %s WHERE id = %s', [old, owner.id])
    assert sign_in(browse(), owner, "wrong").status_code == 422
    assert sign_in(browse(), owner).status_code == 303
    [row] = superuser_sql('SELECT hashed_password FROM getinn_ops."user" WHERE id = %s', [owner.id])
    assert row.hashed_password.startswith("$argon2id$")
    assert sign_in(browse(), owner).status_code == 303


@pytest.mark.parametrize("value", ["\x00", "\ud800", "x" * 100_000, "' OR 1=1 --", "‮", "💥" * 300])
def test_malformed_credentials_are_just_wrong(browse: Any, world: World, value: str) -> None:
    body = {"email": value.encode("utf-8", "surrogatepass"), "password": value.encode("utf-8", "surrogatepass")}
    assert browse().post("/login", body).status_code in (400, 413, 422)
