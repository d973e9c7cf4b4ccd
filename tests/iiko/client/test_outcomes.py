import re

import pytest
from flask_babel import force_locale

from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.outcomes import SENTENCES, Outcome, explain

DETAILS = {
    "text": "Склад закрыт", "host": "new.iiko.example", "right": "B_EN", "version": "8.7", "limit": 8, "seconds": 15,
    "flaw": "envelope", "until": "2026-11-30T11:03:00+00:00", "zone": "Europe/Moscow",
}  # fmt: skip


@pytest.fixture(autouse=True)
def context(app):
    with app.test_request_context():
        yield


@pytest.mark.parametrize("locale", ["en", "ru"])
@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_label_and_a_sentence_with_and_without_details(outcome, locale):
    with force_locale(locale):
        for details in ({}, DETAILS):
            said = outcome.sentence(**details)
            assert said[-1] in ".…" or details
            assert "%(" not in said
            assert len(said) > 10
        is_russian = bool(re.search("[а-яё]{3}", f"{outcome.label} {outcome.sentence()}"))
    assert is_russian == (locale == "ru")


def test_no_outcome_says_what_another_says():
    told = [str(sentence) for each in SENTENCES.values() for sentence in each]
    assert len(told) == len(set(told))


def test_a_sentence_says_what_is_known():
    assert "B_EN" in Outcome.NO_RIGHT.sentence(right="B_EN")
    assert "%" not in Outcome.NO_RIGHT.sentence()
    assert "8 MiB" in Outcome.TOO_LARGE.sentence(limit=8)
    assert "new.iiko.example" in Outcome.MOVED.sentence(host="new.iiko.example")
    assert "100 % of it" in Outcome.BUSINESS.sentence(text="100 % of it %(text)s")
    assert "something else" in Outcome.MALFORMED.sentence(flaw="envelope")


def test_until_when_seats_may_be_taken_is_said_in_the_zone_of_the_chain():
    until = "2026-11-30T11:03:00+00:00"
    assert "14:03" in Outcome.SEATS_UNKNOWN.sentence(until=until, zone="Europe/Moscow")
    assert "11:03" in Outcome.SEATS_UNKNOWN.sentence(until=until)
    assert "soon" in Outcome.SEATS_UNKNOWN.sentence(until="soon")


def test_a_stored_word_is_explained_even_where_another_version_left_it():
    assert explain("no_seat", {}) == Outcome.NO_SEAT.sentence()
    assert explain("no_licence", {"x": 1})
    assert explain(None)


def test_a_failure_keeps_only_details_that_are_known_and_says_its_sentence():
    failure = IikoFailure(Outcome.BUSINESS, text="Склад закрыт", right=None, token="planted")
    assert failure.details == {"text": "Склад закрыт"}
    assert "Склад закрыт" in failure.sentence
    assert "planted" not in f"{failure} {failure!r} {failure.sentence}"
