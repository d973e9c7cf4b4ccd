"""What a messenger's view of the webhook means."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.channels.webhook_health.diagnosis import diagnose, diagnose_failure, is_passing
from portal.messengers.errors import CredentialsRefused, Rejected, Resting, Throttled, Unavailable, Unclear
from portal.messengers.results import WebhookView

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
OURS = "https://portal.example/hooks/x/1"
WANTED = {"message", "callback_query"}


def found(address=OURS, last_update_at=NOW - timedelta(minutes=1), **view):
    told = WebhookView(**({"url": OURS} | view))
    return diagnose(told, address=address, wanted=WANTED, last_update_at=last_update_at, now=NOW)


def failed(words, minutes=5, **view):
    when = NOW - timedelta(minutes=minutes)
    return {"last_error": words, "last_error_at": when, "last_update_at": NOW - timedelta(hours=3)} | view


@pytest.mark.parametrize(
    ("view", "code"),
    [
        ({}, "healthy"),
        ({"url": ""}, "not_set"),
        ({"url": "https://other.example/secret-path"}, "taken_over"),
        ({"allowed": ("message",)}, "allowed_updates_differ"),
        ({"allowed": ("message", "callback_query", "poll")}, "healthy"),
        ({"pending": 101}, "backlog_growing"),
        ({"pending": 100}, "healthy"),
        ({"pending": 11, "last_update_at": NOW - timedelta(minutes=11)}, "backlog_growing"),
        ({"pending": 11, "last_update_at": None}, "backlog_growing"),
        ({"pending": 11}, "healthy"),
        (failed("Wrong response from the webhook: 500 Internal Server Error"), "our_errors"),
        (failed("Read timeout expired"), "our_errors"),
        (failed("Wrong response from the webhook: 403 Forbidden"), "secret_refused"),
        (failed("SSL error {error:0A000086:SSL routines::certificate verify failed}"), "certificate"),
        (failed("Wrong response from the webhook: 500", minutes=61), "healthy"),
        (failed("Wrong response from the webhook: 500", last_update_at=NOW), "healthy"),
        ({"supported": False, "url": ""}, "healthy"),
        ({"address": ""}, "in_the_way"),
        ({"address": "", "url": ""}, "healthy"),
    ],
)
def test_each_view_has_its_name(view, code):
    assert found(**view).code == code


def test_of_a_strangers_address_only_the_host_is_told():
    assert found(url="https://user:secret@other.example/secret-path").detail == "other.example"


@pytest.mark.parametrize(
    ("error", "code", "passing"),
    [
        (CredentialsRefused(), "token_revoked", False),
        (Unavailable(), "unreachable", True),
        (Unclear(), "unreachable", True),
        (Throttled(7), "throttled", True),
        (Resting(7), "unreachable", True),
        (Rejected("webhook_address_refused", "bad webhook: https url must be provided"), "address_refused", False),
        (Rejected("webhook_not_answering"), "not_answering", False),
        (Rejected("rejected", "bad webhook: SSL certificate expired"), "certificate", False),
    ],
)
def test_each_failure_has_its_name_and_only_some_pass_by_themselves(error, code, passing):
    assert (diagnose_failure(error).code, is_passing(error)) == (code, passing)
