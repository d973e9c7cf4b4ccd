"""What the platforms' refusals mean, one by one, and that each code has its sentence."""

import json

import httpx
import pytest

from portal.messaging.failures import Failure
from portal.messengers import errors
from portal.messengers.call import Call, seconds_of
from portal.messengers.registry import PLATFORM_KEYS, platform
from portal.messengers.whatsapp.api import code_of
from tests.fakes import DEMO
from tests.messengers.conftest import saying


def call_to(key, respond):
    """Calls whose every answer is ``respond(request)``, without a network."""
    client = httpx.Client(transport=httpx.MockTransport(respond))
    return Call("https://platform.example", platform(key).normalise(DEMO[key]), client, client)


def refused(key, status, body, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = httpx.Response(status, stream=httpx.ByteStream(content), headers=headers)
    with pytest.raises(errors.SendFailed) as failed:
        platform(key).outbound.send(call_to(key, lambda request: answer), "42", saying("hi"), None, "row")
    assert failed.value.code in Failure
    return failed.value


def of_telegram(status, description, **parameters):
    return refused("telegram", status, {"ok": False, "description": description, "parameters": parameters})


def of_whatsapp(code, status=400, **more):
    return refused("whatsapp", status, {"error": {"code": code, "message": f"(#{code}) words", **more}})


def of_viber(status, http=200):
    return refused("viber", http, {"status": status, "status_message": "words"})


@pytest.mark.parametrize(
    ("status", "description", "kind", "code"),
    [
        (403, "Forbidden: bot was blocked by the user", errors.PersonBlocked, "person_blocked"),
        (403, "Forbidden: user is deactivated", errors.PersonBlocked, "person_gone"),
        (401, "Unauthorized", errors.CredentialsRefused, "credentials_refused"),
        (404, "Not Found", errors.CredentialsRefused, "credentials_refused"),
        (409, "Conflict: terminated by other getUpdates request", errors.Rejected, "polling_conflict"),
        (400, "Bad Request: chat not found", errors.Rejected, "chat_not_found"),
        (400, "Bad Request: message text is empty", errors.Rejected, "empty_message"),
        (400, "Bad Request: message is too long", errors.Rejected, "too_long"),
        (400, "Bad Request: BUTTON_DATA_INVALID", errors.Rejected, "button_refused"),
        (400, "Bad Request: something new", errors.Rejected, "rejected"),
        (413, "Request Entity Too Large", errors.Rejected, "file_too_large"),
        (502, "Bad Gateway", errors.Unavailable, "platform_down"),
        (302, "", errors.Rejected, "rejected"),
    ],
)
def test_what_telegram_says(status, description, kind, code):
    failure = of_telegram(status, description)
    assert (type(failure), failure.code, failure.detail) == (kind, code, description)


def test_telegram_names_the_seconds_and_the_new_chat():
    throttled = of_telegram(429, "Too Many Requests", retry_after=17)
    assert (type(throttled), throttled.retry_after) == (errors.Throttled, 17)
    moved = of_telegram(400, "group chat was upgraded", migrate_to_chat_id=-1001234567890)
    assert (type(moved), moved.new_chat_id) == (errors.ChatMoved, "-1001234567890")
    assert type(of_telegram(400, "odd", migrate_to_chat_id={})) is errors.Rejected


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (131047, errors.OutsideWindow, "outside_window"),
        (131026, errors.Rejected, "undeliverable"),
        (131051, errors.Rejected, "unsupported_type"),
        (131050, errors.PersonBlocked, "person_blocked"),
        (130429, errors.Throttled, "throttled"),
        (131056, errors.Throttled, "throttled"),
        (190, errors.CredentialsRefused, "credentials_refused"),
        (200, errors.CredentialsRefused, "permission_missing"),
        (131031, errors.CredentialsRefused, "account_restricted"),
        (131000, errors.Unavailable, "platform_down"),
        (131042, errors.Rejected, "payment_problem"),
        (999999, errors.Rejected, "rejected"),
    ],
)
def test_what_metas_numbers_mean_in_answers_and_in_statuses(number, kind, code):
    failure = of_whatsapp(number)
    assert (type(failure), failure.code) == (kind, code)
    assert code_of(number) == code


def test_an_id_that_is_not_the_tokens_is_the_owners_matter():
    failure = of_whatsapp(100, error_subcode=33)
    assert (type(failure), failure.code) == (errors.CredentialsRefused, "number_unknown")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (12, errors.Throttled, "throttled"),
        (6, errors.PersonBlocked, "person_blocked"),
        (5, errors.PersonBlocked, "person_gone"),
        (2, errors.CredentialsRefused, "credentials_refused"),
        (7, errors.CredentialsRefused, "account_restricted"),
        (10, errors.Rejected, "webhook_not_set"),
        (3, errors.Rejected, "rejected"),
        (99, errors.Rejected, "rejected"),
    ],
)
def test_what_vibers_statuses_mean(status, kind, code):
    failure = of_viber(status)
    assert (type(failure), failure.code) == (kind, code)


@pytest.mark.parametrize("key", PLATFORM_KEYS)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"error": 1, "parameters": []}']
)
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, errors.Rejected), (401, errors.CredentialsRefused), (429, errors.Throttled), (500, errors.Unavailable)],
)
def test_a_status_speaks_where_the_body_does_not(key, status, body, kind):
    assert isinstance(refused(key, status, body), kind)


@pytest.mark.parametrize("key", PLATFORM_KEYS)
def test_a_header_names_the_seconds_where_the_body_does_not(key):
    failure = refused(key, 429, b"{}", {"Retry-After": "12"})
    assert failure.retry_after == 12


@pytest.mark.parametrize("odd", ["soon", None, [], {}, "nan", "inf", "-5", 10**400, "9" * 400])
def test_an_odd_waiting_time_is_bounded(odd):
    assert 0 <= seconds_of(odd) <= 3600
