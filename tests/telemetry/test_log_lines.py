"""What lines of the log say, and what nobody can make them say."""

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from portal.auth.mailing import deliver_invitation
from portal.telemetry.context import keyed_hash, log_context
from portal.telemetry.log_lines import JsonLines, TextLines, tell_of_thread
from portal.telemetry.sampling import MAX_PLACES, Sampler
from portal.web.language import MAX_ACCEPTED, _best_locale

SECRET = "S" * 43


def record_of(message, *, error=None):
    told = logging.LogRecord("portal.some", logging.WARNING, __file__, 1, message, None, None)
    if error is not None:
        try:
            raise error
        except Exception:
            told.exc_info = sys.exc_info()
    return told


def test_a_request_leaves_one_line_that_says_who_asked_for_what_and_how_long_it_took(browse, world, lines):
    owner = browse(world.pelmenya.owner)
    answer = owner.get(owner.account("restaurants"))
    [line] = lines.of("portal.request")
    assert line["message"] == "request"
    assert (line["level"], line["status"], line["method"]) == ("INFO", 200, "GET")
    assert line["route"] == "/accounts/<slug:account_slug>/restaurants"
    assert (line["account"], line["account_id"]) == ("pelmenya", str(world.pelmenya.account_id))
    assert line["person_id"] == str(world.pelmenya.owner.id)
    assert line["remote_address"] == "127.0.0.1"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["duration_ms"] > 0
    assert line["time"].endswith("Z")
    assert datetime.fromisoformat(line["time"]).tzinfo == UTC


@pytest.mark.parametrize(
    "path", ["/x%0aFORGED", "/x%0d%0a%7b%22level%22:%22FORGED%22%7d", "/x%e2%80%a8FORGED?a=FORGED"]
)
def test_an_address_cannot_forge_a_line(browse, lines, path):
    browse().get(path)
    assert lines.text
    assert not any("FORGED" in line or "\n" in line for line in lines.text)


def test_what_is_logged_of_others_words_stays_one_line_of_ascii():
    told = JsonLines().format(record_of("a\nERROR b\x1b[2J\u2028c é", error=ValueError("x\nFORGED")))
    assert re.fullmatch(r"[ -~]+", told)
    read = json.loads(told)
    assert read["message"].startswith("a\nERROR b")
    assert "ValueError: x\nFORGED" in read["traceback"]


def test_text_for_developers_begins_no_line_with_others_words():
    told = TextLines().format(record_of("a\nERROR b\x1b[2J\u2028c", error=ValueError("x\nFORGED")))
    first, *rest = told.split("\n")
    assert "a\\x0aERROR b\\x1b[2J" in first
    assert rest
    assert all(line.startswith("    ") for line in rest)
    assert "\u2028" not in told


@pytest.mark.parametrize("path", ["/invitation/", "/password/"])
@pytest.mark.parametrize("is_broken", [False, True])
def test_the_secret_of_a_link_is_in_no_line_not_even_where_an_error_quotes_it(browse, lines, failing, path, is_broken):
    if is_broken:
        endpoint = {"/invitation/": "invitations.accept", "/password/": "passwords.reset"}[path]
        failing(endpoint, ValueError(f"broken at {path}{SECRET}"))
    assert browse().get(f"{path}{SECRET}?next={SECRET}").status_code == (500 if is_broken else 404)
    assert len(lines.text) >= 2
    assert not any(SECRET in line for line in lines.text)
    assert any(f"{path}<secret:secret>" in line for line in lines.text)
    assert any("broken at" in line for line in lines.text) == is_broken


@pytest.mark.parametrize("told", ["a-proxy.said_this-1", "f" * 64])
def test_the_number_that_a_proxy_gave_is_kept(browse, told):
    assert browse().get("/login", headers={"X-Request-ID": told}).headers["X-Request-ID"] == told


@pytest.mark.parametrize("told", ["", "short", "x" * 65, "with a blank", 'quote"quote', "<script>", "Кириллица"])
def test_a_number_that_is_none_is_replaced(browse, told):
    answer = browse().get("/nowhere", headers={"X-Request-ID": told.encode().decode("latin-1")})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])


@pytest.mark.parametrize("htmx", [False, True])
def test_a_fault_shows_the_number_that_stands_in_its_lines(browse, world, lines, failing, htmx):
    failing("account.restaurants.index", ValueError("broken"))
    owner = browse(world.pelmenya.owner)
    answer = owner.get(owner.account("restaurants"), htmx=htmx)
    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 500
    assert "tell support this number" in answer.text
    assert number in answer.text
    [fault] = lines.of("portal.errors")
    assert fault["request_id"] == number
    assert "ValueError: broken" in fault["traceback"]


def test_a_refusal_shows_no_number(browse):
    assert "number" not in browse().get("/nowhere").text


def test_the_email_that_was_typed_is_told_by_a_keyed_hash_alone(app, browse, world, lines):
    person = world.pelmenya.owner
    browse().post("/login", {"email": person.email, "password": "wrong"})
    with app.app_context():
        expected = keyed_hash(person.email)
    assert [line["email_hash"] for line in lines.of("portal.request")] == [expected]
    assert not any(person.email in line or "wrong" in line for line in lines.text)


def test_a_line_of_a_job_names_job_and_account(app, world, lines, monkeypatch):
    told = []

    def work(account_id):
        logging.getLogger("portal.some").warning("working")
        told.append(account_id)

    context = SimpleNamespace(additional_context={"flask": app}, job=SimpleNamespace(id=77))
    monkeypatch.setattr(deliver_invitation, "function", work)
    deliver_invitation.task.func(context, account_id=str(world.pelmenya.account_id))
    [line] = lines.of("portal.some")
    assert (line["job"], line["job_id"], line["account_id"]) == ("deliver_invitation", 77, told[0])
    assert "request_id" not in line


def test_what_a_block_says_ends_with_the_block(lines):
    with log_context(update_id="u"), log_context(platform="telegram"):
        logging.getLogger("portal.some").warning("within")
    logging.getLogger("portal.some").warning("after")
    within, after = lines.of("portal.some")
    assert (within["update_id"], within["platform"]) == ("u", "telegram")
    assert "update_id" not in after


def test_lines_are_so_many_a_minute_and_the_next_one_says_how_many_were_left_out():
    now = [0.0]
    sampler = Sampler(3, clock=lambda: now[0])
    assert [sampler.admit("k", "192.0.2.1") for _ in range(10)] == [0, 0, 0] + [None] * 7
    assert sampler.admit("k", "192.0.2.2") == 0
    now[0] = 60.0
    assert [sampler.admit("k", "192.0.2.1") for _ in range(2)] == [7, 0]


def test_what_was_left_out_and_not_followed_is_told_once():
    now = [0.0]
    sampler = Sampler(1, clock=lambda: now[0])
    for _ in range(5):
        sampler.admit("k", "192.0.2.1")
    assert sampler.overdue() == []
    now[0] = 61.0
    assert sampler.overdue() == [("k", 4)]
    assert sampler.overdue() == []


def test_very_many_addresses_share_a_few_lines_and_little_memory():
    sampler = Sampler(3, clock=lambda: 0.0)
    told = sum(sampler.admit("k", f"10.{n // 65536}.{n // 256 % 256}.{n % 256}") is not None for n in range(20_000))
    assert told <= MAX_PLACES + 3
    assert len(sampler._places) <= MAX_PLACES + 1


def test_the_addresses_of_one_network_of_version_6_are_one():
    sampler = Sampler(1, clock=lambda: 0.0)
    told = [sampler.admit("k", f"2001:db8::{n:x}") for n in range(50)]
    assert told == [0] + [None] * 49


def test_strangers_who_are_refused_fill_no_log(app, browse, lines, monkeypatch):
    monkeypatch.setitem(app.extensions, "refusals", Sampler(2))
    for _ in range(20):
        assert browse().get("/nowhere").status_code == 404
    assert len(lines.of("portal.request")) == 2
    assert browse().get("/login").status_code == 200
    assert len(lines.of("portal.request")) == 3


def test_of_accepted_languages_a_few_letters_are_read_and_kept(browse):
    _best_locale.cache_clear()
    for number in range(3):
        long = "ru," + ",".join(f"x{n}" for n in range(30_000)) + str(number)
        assert 'lang="ru"' in browse().get("/login", headers={"Accept-Language": long}).text
    assert _best_locale.cache_info().currsize == 1
    late = "x" * (MAX_ACCEPTED - 2) + ",ru"
    assert 'lang="en"' in browse().get("/login", headers={"Accept-Language": late}).text


def test_a_thread_that_ends_by_an_error_leaves_one_line(lines):
    thread = threading.Thread(name="some thread")
    try:
        raise ValueError("broken\nFORGED")
    except ValueError as error:
        tell_of_thread(threading.ExceptHookArgs((ValueError, error, error.__traceback__, thread)))
    [line] = lines.of("portal.telemetry.log_lines")
    assert "some thread" in line["message"]
    assert "ValueError: broken" in line["traceback"]
