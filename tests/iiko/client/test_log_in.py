"""Log-in and log-out: tokens in each form that occurs, refusals of each sort, and no seat left behind."""

import gzip
import hashlib
import logging
from urllib.parse import parse_qs

import pytest
from werkzeug.wrappers import Response

from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.client import LOG_OUT_PAUSE_SECONDS
from portal.iiko.client.requests import DEPARTMENTS
from tests.fakes.faults import Cut
from tests.fakes.serving import RawResponse
from tests.iiko.client.conftest import LOGIN, PASSWORD, TOKEN, page, plain, token

NO_SEAT = "License enhancement is required: no connections available for module 28008806"


def refusal(client):
    with pytest.raises(IikoFailure) as caught:
        client.log_in()
    return caught.value


def test_the_password_travels_as_lower_case_sha1_in_the_body_alone(script):
    assert script.client(login="люба", password="resto#test").log_in() == TOKEN
    (request,) = script.asked
    assert (request.method, request.path, request.query_string) == ("POST", "/resto/api/auth", b"")
    assert parse_qs(request.get_data(as_text=True)) == {
        "login": ["люба"], "pass": ["2155245b2c002a1986d3f384af93be813537a476"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        token(),
        token(cookie=None),
        token(f'"{TOKEN}"'),
        token(f" \r\n{TOKEN}\n"),
        token(f'\ufeff "{TOKEN}"\r\n'),
        token(TOKEN[:9]),
        Response(gzip.compress(TOKEN.encode()), headers={"Content-Encoding": "gzip"}),
        Response(gzip.compress(TOKEN.encode())),
    ],
)
def test_a_token_is_taken_in_quotes_with_white_space_and_packed(script, answer):
    script.say("api/auth", answer)
    assert script.client().log_in() == TOKEN
    assert script.paths == ["api/auth"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda: token(f"<string>{TOKEN}</string>", kind="application/xml"),
        lambda: token("<html>welcome</html>", kind="text/html"),
        lambda: token("x" * 40_000),
        lambda: token(""),
        lambda: token("x" * 2_000_000),
        lambda: Response("boom", 500, {"Set-Cookie": f"key={TOKEN}"}),
        lambda: RawResponse(
            [b"half"], headers={"Set-Cookie": f"a=1; x, key={TOKEN}", "Content-Length": "36"}, is_cut=True
        ),
        lambda: Response("??", headers={"Set-Cookie": f'key="{TOKEN}"', "Content-Encoding": "br"}),
    ],
)
def test_a_seat_whose_token_is_no_answer_is_given_back_by_its_cookie(script, answer):
    script.say("api/auth", answer)
    failure = refusal(script.client(needs_browser_agent=True))
    assert failure.outcome in (
        Outcome.MALFORMED, Outcome.WRONG_ADDRESS, Outcome.SERVER_ERROR, Outcome.TOO_LARGE, Outcome.BROKE_OFF,
    )  # fmt: skip
    assert script.paths == ["api/auth", "api/logout"]
    assert script.asked[-1].headers["Cookie"] == f"key={TOKEN}"
    assert (failure.token, failure.may_hold_seat) == (None, False)


def test_a_cookie_that_cannot_be_given_back_is_handed_to_whoever_asks_later(script):
    script.say("api/auth", token("?"))
    script.say("api/logout", plain("busy", 500))
    failure = refusal(script.client())
    assert failure.token == TOKEN
    assert TOKEN not in f"{failure!r} {failure} {failure.details}"


@pytest.mark.parametrize(
    ("answer", "new", "known"),
    [
        (plain("Неверный пароль", 401), Outcome.REFUSED, Outcome.NOT_ACCEPTED_NOW),
        (plain(NO_SEAT, 403), Outcome.NO_SEAT, Outcome.NO_SEAT),
        (
            plain("Module 28008806 is blocked within current license", 403),
            Outcome.BLOCKED_MODULE,
            Outcome.BLOCKED_MODULE,
        ),
        (plain("Permission denied", 403), Outcome.NO_RIGHT, Outcome.NO_RIGHT),
        (plain("404 page not found", 404), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (page(404), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (page(200), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (page(401), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (page(503), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (plain("", 503), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (plain("slow down", 429), Outcome.WRONG_ADDRESS, Outcome.UNAVAILABLE),
        (plain("no", 400), Outcome.OUR_MISTAKE, Outcome.OUR_MISTAKE),
        (plain("no", 409), Outcome.BUSINESS, Outcome.BUSINESS),
        (plain("hello, this is another server", 200), Outcome.WRONG_ADDRESS, Outcome.MALFORMED),
        (Response("", 302, {"Location": "https://new.iiko.example/resto/?key=1"}), Outcome.MOVED, Outcome.MOVED),
    ],
)
def test_each_refusal_has_a_word_of_its_own_for_a_new_password_and_for_one_that_worked(script, answer, new, known):
    script.say("api/auth", answer)
    assert refusal(script.client()).outcome is new
    failure = refusal(script.client(worked_before=True))
    assert failure.outcome is known
    assert script.paths == ["api/auth"] * 2


def test_a_server_that_starts_cannot_say_that_a_password_is_wrong(script):
    script.say("get_server_info.jsp", plain("<r><serverState>STARTING_UP</serverState></r>"))
    script.say("api/auth", plain("?", 401))
    client = script.client()
    assert client.server_info().is_starting
    assert refusal(client).outcome is Outcome.NOT_ACCEPTED_NOW


@pytest.mark.parametrize(
    ("answer", "may_hold"),
    [
        (Cut, True),
        (plain("product == null", 500), True),
        (page(504), True),
        (page(502), True),
        (plain("?", 401), False),
        (plain(NO_SEAT, 403), False),
        (page(503), False),
        (Response("", 302), False),
    ],
)
def test_whether_a_seat_may_be_taken_that_nobody_knows_the_token_of_is_told(script, answer, may_hold):
    script.say("api/auth", answer)
    failure = refusal(script.client(worked_before=True, needs_browser_agent=True))
    assert (failure.may_hold_seat, failure.token) == (may_hold, None)


def test_where_nothing_was_sent_no_seat_can_be_taken(script):
    script.say("get_server_info.jsp", plain("<r><version>8.7</version></r>"))
    client = script.client()
    assert client.server_info().version == "8.7"
    client.stop = lambda: True
    failure = refusal(client)
    assert (failure.outcome, failure.may_hold_seat) == (Outcome.CANCELLED, False)
    assert script.paths == ["get_server_info.jsp"]


def test_a_log_in_under_way_is_not_stopped(script):
    asked = []
    # Wanted when it began, and never again.
    client = script.client(stop=lambda: bool(asked) or asked.append(1))
    assert client.log_in() == TOKEN


@pytest.mark.parametrize(
    "answer", [plain(""), plain("ok"), Response("", 204), plain("Token is expired or invalid", 401), plain("x", 200)]
)
def test_a_seat_is_free_where_iiko_says_so_or_no_longer_knows_the_token(script, answer):
    script.say("api/logout", answer)
    assert script.client().log_out(TOKEN) is Outcome.RETURNED
    (request,) = script.asked
    assert (request.query_string, request.headers["Cookie"]) == (b"", f"key={TOKEN}")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (plain("Connection reset", 500), Outcome.SERVER_ERROR),
        (plain("Permission denied", 403), Outcome.NO_RIGHT),
        (page(200), Outcome.UNAVAILABLE),
        (page(401), Outcome.UNAVAILABLE),
        (page(503), Outcome.UNAVAILABLE),
        (Cut, Outcome.BROKE_OFF),
        (plain("no", 404), Outcome.NOT_OFFERED),
    ],
)
def test_any_other_answer_to_a_log_out_is_asked_for_once_more_and_then_told(script, answer, outcome):
    script.say("api/logout", answer)
    client = script.client()
    assert client.log_out(TOKEN) is outcome
    assert script.paths == ["api/logout"] * 2
    assert script.pauses == [LOG_OUT_PAUSE_SECONDS]
    script.say("api/logout", answer, plain(""))
    assert client.log_out(TOKEN) is Outcome.RETURNED


def test_a_server_that_takes_a_log_out_in_another_way_gets_it_so(script):
    script.say("api/logout", plain("Method Not Allowed", 405), plain(""))
    assert script.client().log_out(TOKEN) is Outcome.RETURNED
    assert [(each.method, each.headers["Cookie"]) for each in script.asked] == [
        ("POST", f"key={TOKEN}"), ("GET", f"key={TOKEN}"),
    ]  # fmt: skip


def test_a_log_out_is_never_stopped_and_asks_no_leave(script):
    def refuse():
        raise IikoFailure(Outcome.LOCK_LOST)

    assert script.client(stop=lambda: True, on_request=refuse).log_out(TOKEN) is Outcome.RETURNED


def test_a_host_that_answers_500_to_whom_it_does_not_know_is_asked_once_as_a_browser_and_remembered(script):
    def only_browsers():
        return token() if "Mozilla" in script.asked[-1].headers["User-Agent"] else plain("", 500)

    script.say("api/auth", only_browsers)
    client = script.client()
    assert client.log_in() == TOKEN
    assert client.needs_browser_agent
    assert "Mozilla" not in script.asked[0].headers["User-Agent"]
    assert script.client(needs_browser_agent=True).log_in() == TOKEN
    assert script.paths == ["api/auth"] * 3


def test_a_host_that_answers_500_to_browsers_too_is_not_asked_again(script):
    script.say("api/auth", plain("product == null", 500))
    client = script.client()
    failure = refusal(client)
    assert (failure.outcome, failure.details["text"]) == (Outcome.SERVER_ERROR, "product == null")
    assert not client.needs_browser_agent
    assert script.paths == ["api/auth"] * 2


def test_a_500_after_another_answer_is_no_reason_to_change_names(script):
    script.say("api/auth", plain("", 500))
    client = script.client()
    assert client.server_info() is None
    refusal(client)
    assert script.paths == ["get_server_info.jsp", "api/auth"]


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_neither_token_nor_hash_nor_password_nor_log_in_reaches_a_log_an_error_or_its_details(script, caplog, status):
    digest = hashlib.sha1(PASSWORD.encode()).hexdigest()
    said = f"user {LOGIN} {PASSWORD} {digest.upper()} at /resto/api/x?key={TOKEN} failed"
    script.say("api/auth", plain(said, status))
    script.say("api/corporation/departments", plain(said, status))
    script.say("api/logout", plain(said, 500))
    # A call has a line of its own at that level alone.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "httpx"):
        client = script.client()
        failures = [refusal(client)]
        with pytest.raises(IikoFailure) as caught, client.read(DEPARTMENTS, TOKEN):
            pass
        failures.append(caught.value)
        client.log_out(TOKEN)
    shown = (
        caplog.text + "".join(f"{each!r} {each} {each.details}" for each in failures) + f"{client!r} {client.server!r}"
    )
    for secret in (LOGIN, PASSWORD, digest, TOKEN):
        assert secret.lower() not in shown.lower()
    assert "127.0.0.1" in caplog.text
