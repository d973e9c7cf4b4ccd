"""The second factor: setting it up, signing in with it, losing it."""

import threading
from datetime import timedelta

import pytest

from portal.auth.factors.models import FREE_FAILURES
from tests.conftest import SECRET_KEY
from tests.factors import (
    PRESENT,
    PROTECTION,
    Key,
    give_password,
    is_signed_in,
    options_of,
    set_up_app,
    set_up_passkey,
)
from tests.world_rows import PASSWORD, link_secret

SINCE = 'SELECT second_factor_since FROM getinn_ops."user" WHERE id = %s'
GUESSES = "SELECT failures, wait_until FROM getinn_ops.second_factor WHERE user_id = %s"
STEP = "/login/factor"


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def told(superuser_sql, world):
    """The actions that the chain's log tells of since the beginning, in their order."""

    def read():
        rows = superuser_sql(
            "SELECT action FROM getinn_ops.audit_event WHERE account_id = %s AND id <> %s ORDER BY at",
            [world.pelmenya.account_id, world.pelmenya.event_id],
        )
        return [row.action for row in rows]

    return read


def test_after_an_app_was_set_up_the_password_alone_lets_nobody_in(owner, browse, world, told):
    app, codes = set_up_app(owner)
    assert len(set(codes)) == 10
    other = browse()
    answer = give_password(other, world.pelmenya.owner, next="/profile")
    assert (answer.status_code, answer.location) == (303, f"{STEP}?next=/profile")
    assert not is_signed_in(other)
    page = other.get(answer.location).text
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    answer = other.post(STEP, {"code": app.code(), "next": "/profile"})
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert is_signed_in(other)
    assert told() == ["factor_on", "recovery_codes_made", "signed_in"]


def test_a_code_is_good_once_and_a_wrong_one_never(owner, browse, world, told):
    app, _codes = set_up_app(owner)
    first, second = browse(), browse()
    code = app.code()
    for browser in (first, second):
        give_password(browser, world.pelmenya.owner)
    assert first.post(STEP, {"code": code}).status_code == 303
    assert second.post(STEP, {"code": code}).status_code == 422
    assert second.post(STEP, {"code": "000000"}).status_code == 422
    assert not is_signed_in(second)
    assert told().count("factor_refused") == 2


def test_the_code_that_switched_the_app_on_does_not_sign_in(owner, browse, world):
    app, _codes = set_up_app(owner)
    app.steps = 0
    other = browse()
    give_password(other, world.pelmenya.owner)
    assert other.post(STEP, {"code": app.code()}).status_code == 422


def test_of_two_that_use_a_code_at_the_same_moment_one_is_let_in(owner, browse, world):
    app, codes = set_up_app(owner)
    for code in (app.code(), codes[0]):
        browsers = [browse() for _each in range(2)]
        for browser in browsers:
            give_password(browser, world.pelmenya.owner)
        threads = [threading.Thread(target=browser.post, args=[STEP, {"code": code}]) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [is_signed_in(browser) for browser in browsers].count(True) == 1


def test_after_five_wrong_codes_the_person_waits_and_a_right_one_is_refused_too(owner, browse, world, superuser_sql):
    app, _codes = set_up_app(owner)
    other = browse()
    give_password(other, world.pelmenya.owner)
    statuses = [other.post(STEP, {"code": f"00000{n}"}).status_code for n in range(FREE_FAILURES + 2)]
    assert statuses == [422] * FREE_FAILURES + [429, 429]
    assert other.post(STEP, {"code": app.code()}).status_code == 429
    # Refused ones were not counted, and the right one ends the wait.
    [row] = superuser_sql(GUESSES, [world.pelmenya.owner.id])
    assert row.failures == FREE_FAILURES
    superuser_sql("UPDATE getinn_ops.second_factor SET wait_until = timezone('utc', now())")
    app.steps = 1
    assert other.post(STEP, {"code": app.code()}).status_code == 303
    [row] = superuser_sql(GUESSES, [world.pelmenya.owner.id])
    assert (row.failures, row.wait_until) == (0, None)


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(owner, browse, world):
    _app, codes = set_up_app(owner)
    for expected in (303, 422):
        other = browse()
        give_password(other, world.pelmenya.owner)
        assert other.post(STEP, {"code": f" {codes[0].lower()} ", "way": "recovery"}).status_code == expected
        if expected == 303:
            assert "You have 9 recovery codes left." in other.get("/profile").text


def test_new_recovery_codes_make_the_former_ones_useless(owner, browse, world):
    _app, former = set_up_app(owner)
    page = owner.post(f"{PROTECTION}/recovery-codes").text
    assert page.count("<li><code>") == 10
    other = browse()
    give_password(other, world.pelmenya.owner)
    assert other.post(STEP, {"code": former[0]}).status_code == 422


def test_secrets_and_codes_stand_nowhere_in_clear(owner, superuser_sql):
    app, codes = set_up_app(owner)
    rows = str([superuser_sql(f"SELECT * FROM getinn_ops.{table}") for table in ("second_factor", "recovery_code")])
    assert app.totp.secret not in rows
    assert not any(code.replace("-", "")[4:] in rows for code in codes)
    assert app.totp.secret not in owner.get(PROTECTION).text


def test_a_passkey_is_the_second_step_and_also_signs_in_alone(owner, browse, world, told):
    key, codes = set_up_passkey(owner)
    assert len(codes) == 10
    other = browse()
    give_password(other, world.pelmenya.owner)
    answer = other.post(STEP, {"answer": key.used(options_of(other.get(STEP).text))})
    assert answer.status_code == 303
    assert is_signed_in(other)
    third = browse()
    page = third.get("/login/passkey?next=/profile").text
    answer = third.post("/login/passkey", {"answer": key.used(options_of(page)), "next": "/profile"})
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert is_signed_in(third)
    assert told() == ["factor_on", "recovery_codes_made", "signed_in", "signed_in"]


def test_a_passkeys_answer_is_good_once(owner, browse):
    key, _codes = set_up_passkey(owner)
    first, second = browse(), browse()
    answer = key.used(options_of(first.get("/login/passkey").text))
    assert first.post("/login/passkey", {"answer": answer}).status_code == 303
    assert second.post("/login/passkey", {"answer": answer}).status_code == 422
    assert not is_signed_in(second)


@pytest.mark.parametrize("fault", ["origin", "host", "unverified", "other key", "other purpose", "too old", "made up"])
def test_a_wrong_answer_of_a_passkey_is_refused(owner, browse, monkeypatch, fault):
    key, _codes = set_up_passkey(owner)
    other = browse()
    options = options_of(other.get("/login/passkey").text)
    if fault == "origin":
        key.origin = "https://evil.example"
    if fault == "host":
        key.host = "evil.example"
    if fault == "other key":
        key.private = Key().private
    if fault == "other purpose":
        options = options_of(owner.get(f"{PROTECTION}/passkeys/new").text)
    if fault == "too old":
        monkeypatch.setattr("portal.auth.factors.challenges.LIFETIME", timedelta())
    if fault == "made up":
        options = '{"challenge": "' + "A" * 75 + '"}'
    answer = key.used(options, flags=PRESENT) if fault == "unverified" else key.used(options)
    assert other.post("/login/passkey", {"answer": answer}).status_code == 422
    assert not is_signed_in(other)


NO_ANSWERS = (
    "", "x", "[]", "{}", "null", '{"response": []}', '{"response": {"clientDataJSON": 5}}', "[" * 9000, "\x00",
    "é" * 50,
)  # fmt: skip


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_what_is_no_answer_is_refused_in_plain_words(owner, browse, answer):
    set_up_passkey(owner)
    assert browse().post("/login/passkey", {"answer": answer}).status_code == 422
    refused = owner.post(f"{PROTECTION}/passkeys/new", {"name": "Key", "answer": answer})
    assert refused.status_code == 422
    assert "The passkey was not made" in refused.text or "cannot be stored" in refused.text


def test_a_passkey_of_one_person_does_not_become_anothers(owner, browse, world):
    key, _codes = set_up_passkey(owner)
    chef = browse(world.vareniki.chef)
    options = options_of(chef.get(f"{PROTECTION}/passkeys/new").text)
    answer = chef.post(f"{PROTECTION}/passkeys/new", {"name": "Mine", "answer": key.made(options)})
    assert answer.status_code == 422


def test_nobody_removes_the_passkey_of_somebody_else(owner, browse, world, superuser_sql):
    set_up_passkey(owner)
    [mine] = superuser_sql("SELECT id FROM getinn_ops.passkey WHERE user_id = %s", [world.pelmenya.owner.id])
    for person in (world.pelmenya.manager, world.vareniki.owner):
        assert browse(person).delete(f"{PROTECTION}/passkeys/{mine.id}").status_code == 404
    assert owner.delete(f"{PROTECTION}/passkeys/{mine.id}").status_code == 303


def test_the_first_factor_signs_out_the_devices_that_came_in_without(owner, browse, world):
    other = browse(world.pelmenya.owner)
    set_up_app(owner)
    assert is_signed_in(owner)
    assert not is_signed_in(other)


def test_a_session_begun_without_the_factor_is_dead_whoever_began_it(owner, browse, world, superuser_sql):
    set_up_app(owner)
    assert not is_signed_in(browse(world.pelmenya.owner))


def test_without_the_last_factor_the_password_is_enough_and_the_codes_are_gone(owner, browse, world, superuser_sql):
    set_up_app(owner)
    set_up_passkey(owner)
    assert owner.delete(f"{PROTECTION}/app").status_code == 303
    assert superuser_sql(SINCE, [world.pelmenya.owner.id])[0].second_factor_since is not None
    [key] = superuser_sql("SELECT id FROM getinn_ops.passkey WHERE user_id = %s", [world.pelmenya.owner.id])
    assert owner.delete(f"{PROTECTION}/passkeys/{key.id}").status_code == 303
    assert superuser_sql(SINCE, [world.pelmenya.owner.id])[0].second_factor_since is None
    assert superuser_sql("SELECT 1 FROM getinn_ops.recovery_code WHERE user_id = %s", [world.pelmenya.owner.id]) == []
    assert is_signed_in(owner)
    assert give_password(browse(), world.pelmenya.owner).location == "/"


def test_a_link_for_a_new_password_does_not_replace_the_factor(owner, browse, app, world, superuser_sql):
    set_up_app(owner)
    superuser_sql(
        "UPDATE getinn_ops.password_reset SET user_id = %s WHERE id = %s",
        [world.pelmenya.owner.id, world.pelmenya.reset_id],
    )
    other = browse()
    secret = link_secret(SECRET_KEY, "password_reset", world.pelmenya.reset_id)
    answer = other.post(f"/password/{secret}", {"password": "seven lanterns on the quay"})
    assert answer.location == STEP
    assert not is_signed_in(other)


def test_half_a_sign_in_ends_after_ten_minutes_and_with_a_new_password(owner, browse, world, superuser_sql):
    app, _codes = set_up_app(owner)
    other = browse()
    give_password(other, world.pelmenya.owner)
    superuser_sql("UPDATE getinn_ops.pending_sign_in SET expires_at = expires_at - interval '11 minutes'")
    answer = other.post(STEP, {"code": app.code()})
    assert (answer.status_code, answer.location) == (303, "/login")
    give_password(other, world.pelmenya.owner)
    owner.post("/profile/password", {"current": PASSWORD, "password": "seven lanterns on the quay"})
    assert other.get(STEP).location == "/login"


def test_pages_of_somebody_with_a_factor_cost_no_statement_more(owner, statements):
    owner.get("/profile")
    with statements() as before:
        owner.get("/profile")
    set_up_app(owner)
    owner.get("/profile")
    with statements() as after:
        owner.get("/profile")
    assert after.total == before.total
