"""Codes of failures, which stand in rows, and what people read of them."""

import pytest
from flask_babel import force_locale
from flask_babel.speaklater import LazyString

from portal.channels.wording import problem_of
from portal.messaging.failures import Failure, reason_of
from portal.messengers import errors

# Codes that rows of the history and of connections hold.
STORED = [
    "person_blocked",
    "person_gone",
    "chat_not_found",
    "chat_moved",
    "undeliverable",
    "device_too_old",
    "recipient_not_allowed",
    "outside_window",
    "empty_message",
    "too_long",
    "button_refused",
    "unsupported_type",
    "rejected",
    "file_missing",
    "file_empty",
    "file_too_large",
    "file_type_refused",
    "file_type",
    "not_connected",
    "file_unknown",
    "file_address_refused",
    "address_refused",
    "answer_too_large",
    "no_public_address",
    "throttled",
    "unavailable",
    "unreachable",
    "platform_down",
    "unclear",
    "odd_answer",
    "credentials_refused",
    "credentials_unreadable",
    "permission_missing",
    "account_restricted",
    "number_not_registered",
    "number_unknown",
    "payment_problem",
    "quota_used_up",
    "webhook_address_refused",
    "webhook_not_answering",
    "webhook_not_set",
    "certificate",
    "taken_over",
    "in_the_way",
    "fought_over",
    "secret_refused",
    "our_errors",
    "backlog_growing",
    "allowed_updates_differ",
    "polling_conflict",
    "too_many_attempts",
    "internal",
    "unknown_platform",
    "switched_off",
]
# What connections hold besides, and what it means.
SPELLINGS = {
    "token_revoked": Failure.CREDENTIALS_REFUSED,
    "unreadable": Failure.CREDENTIALS_UNREADABLE,
    "address_refused": Failure.WEBHOOK_ADDRESS_REFUSED,
    "not_answering": Failure.WEBHOOK_NOT_ANSWERING,
    "not_set": Failure.WEBHOOK_NOT_SET,
}


@pytest.mark.parametrize("code", STORED)
def test_a_stored_code_is_known_for_ever(code):
    assert Failure.of(code).value == code


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_words_without_jargon(failure):
    for text in (failure.sentence, failure.short, failure.advice):
        assert isinstance(text, LazyString)
    sentence = reason_of(failure.value, "WhatsApp")
    assert sentence.endswith(".")
    assert "%(" not in sentence
    assert "_" not in sentence
    assert not any(word in sentence.lower() for word in ("http", "error", "api", "null", "exception"))


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_is_told_in_russian_too(app, failure):
    with app.test_request_context():
        told = reason_of(failure.value, "WhatsApp")
        with force_locale("ru"):
            assert reason_of(failure.value, "WhatsApp") != told


@pytest.mark.parametrize("kind", [errors.SendFailed, *errors.SendFailed.__subclasses__()])
def test_every_kind_of_failed_call_has_a_code_of_the_catalogue(kind):
    assert isinstance(kind.default_code, Failure)


@pytest.mark.parametrize("code", [None, "", "brand_new", "__class__"])
def test_an_unknown_code_says_no_more_than_that(code):
    assert reason_of(code, "Viber") == "It did not work; Viber gave no reason."


@pytest.mark.parametrize("code", ["brand_new", "__class__", "PERSON_GONE"])
def test_an_unknown_code_of_a_connection_says_that_something_is_wrong(code):
    assert problem_of(code).describe("Viber") == "Something is wrong with the connection to Viber."


def test_a_connection_without_a_code_has_no_problem():
    assert problem_of(None) is problem_of("") is None


@pytest.mark.parametrize(("code", "failure"), SPELLINGS.items())
def test_a_code_that_connections_spell_in_their_own_way_has_the_words_of_its_failure(code, failure):
    assert problem_of(code) is failure


def test_an_address_is_the_files_in_a_message_and_the_portals_in_a_connection():
    assert "file" in reason_of("address_refused", "Viber")
    assert problem_of("address_refused").describe("Viber") == "Viber does not accept the portal's address."


def test_the_same_trouble_reads_the_same_in_a_message_and_on_the_platforms_page():
    for code in ("unreachable", "throttled", "credentials_refused", "credentials_unreadable", "no_public_address"):
        assert reason_of(code, "Viber") == problem_of(code).describe("Viber")
