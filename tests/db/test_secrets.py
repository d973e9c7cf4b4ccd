import base64
import copy
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.db.secrets import Keyring, Place, SecretUnreadable, hint, is_sealed, key_id, set_at

OLD, NEW = b"o" * 32, b"n" * 32
TOKEN = "123456789:planted-token-planted-token-9876"


@pytest.fixture
def keyring():
    return Keyring.from_keys([NEW, OLD])


@pytest.fixture
def place():
    return Place("bot_platform_credential", "credentials", uuid4(), uuid4())


def test_what_was_sealed_opens_again_after_a_trip_through_json(keyring, place):
    stored = json.loads(json.dumps(keyring.seal({"token": TOKEN, "n": [1, None]}, place)))
    assert is_sealed(stored)
    assert keyring.open(stored, place) == {"token": TOKEN, "n": [1, None]}


def test_the_envelope_holds_no_secret_but_the_last_four_characters(keyring, place):
    stored = keyring.seal({"token": TOKEN}, place)
    assert TOKEN[:-4] not in json.dumps(stored)
    assert stored["hints"] == {"token": "…9876"}
    assert hint(stored, "token") == "…9876"


def test_a_short_secret_leaves_no_hint(keyring, place):
    stored = keyring.seal({"eleven": "a" * 11, "twelve": "b" * 12}, place)
    assert hint(stored, "eleven") is None
    assert hint(stored, "twelve") == "…bbbb"


def test_only_the_named_fields_are_hinted(keyring, place):
    stored = keyring.seal({"login": "a" * 12, "password": "b" * 12}, place, hinted={"login"})
    assert stored["hints"] == {"login": "…aaaa"}


def test_the_date_of_setting_is_kept_in_utc(keyring, place):
    moment = datetime.fromisoformat("2025-11-03T14:05:00+03:00")
    stored = keyring.seal({"token": TOKEN}, place, set_at=moment)
    assert stored["set_at"] == "2025-11-03T11:05:00+00:00"
    assert set_at(stored) == datetime(2025, 11, 3, 11, 5, tzinfo=UTC)


def test_the_same_secret_never_gives_the_same_envelope(keyring, place):
    nonces = {keyring.seal({"token": TOKEN}, place)["nonce"] for _ in range(50)}
    assert len(nonces) == 50


@pytest.mark.parametrize("part", ["table", "column", "row_id", "account_id"])
def test_a_value_copied_to_another_place_does_not_open(keyring, place, part):
    stored = keyring.seal({"token": TOKEN}, place)
    parts = {name: getattr(place, name) for name in ("table", "column", "row_id", "account_id")}
    parts[part] = uuid4() if part.endswith("_id") else "elsewhere"
    with pytest.raises(SecretUnreadable):
        keyring.open(stored, Place(**parts))


def test_a_row_and_its_account_cannot_change_places(keyring):
    one, two = uuid4(), uuid4()
    stored = keyring.seal({"token": TOKEN}, Place("t", "c", one, two))
    with pytest.raises(SecretUnreadable):
        keyring.open(stored, Place("t", "c", two, one))


def test_names_that_join_to_the_same_text_are_different_places(keyring):
    row, account = uuid4(), uuid4()
    stored = keyring.seal({"token": TOKEN}, Place("ab", "c", row, account))
    with pytest.raises(SecretUnreadable):
        keyring.open(stored, Place("a", "bc", row, account))


def test_an_id_as_text_or_in_capitals_is_the_same_place(keyring, place):
    stored = keyring.seal({"token": TOKEN}, place)
    spelled = Place(place.table, place.column, str(place.row_id).upper(), str(place.account_id))
    assert keyring.open(stored, spelled)["token"] == TOKEN


@pytest.mark.parametrize(
    "change",
    [
        {"hints": {"token": "…0000"}},
        {"hints": {}},
        {"set_at": "2001-01-01T00:00:00+00:00"},
        {"nonce": "AAAAAAAAAAAAAAAA"},
        {"nonce": ""},
        {"ct": ""},
        {"ct": "not base64"},
        {"nonce": "\ud800"},
        {"kid": key_id(OLD)},
        {"kid": "unknown"},
        {"hints": None},
        {"set_at": 5},
        {"v": 2},
        {"v": True},
    ],
)
def test_a_changed_envelope_does_not_open(keyring, place, change):
    with pytest.raises(SecretUnreadable):
        keyring.open(keyring.seal({"token": TOKEN}, place) | change, place)


def test_every_changed_byte_of_the_ciphertext_is_noticed(keyring, place):
    stored = keyring.seal({"a": "b"}, place)
    ciphertext = base64.b64decode(stored["ct"])
    for at in range(len(ciphertext)):
        changed = ciphertext[:at] + bytes([ciphertext[at] ^ 1]) + ciphertext[at + 1 :]
        with pytest.raises(SecretUnreadable):
            keyring.open(stored | {"ct": base64.b64encode(changed).decode()}, place)


def test_an_older_key_still_opens_and_asks_for_resealing(keyring, place):
    stored = Keyring.from_keys([OLD]).seal({"token": TOKEN}, place)
    assert keyring.open(stored, place)["token"] == TOKEN
    assert keyring.needs_resealing(stored)


def test_resealing_moves_to_the_newest_key_and_keeps_hints_and_date(keyring, place):
    stored = Keyring.from_keys([OLD]).seal({"token": TOKEN}, place, set_at=datetime(2025, 1, 2, tzinfo=UTC))
    moved = keyring.reseal(stored, place)
    assert not keyring.needs_resealing(moved)
    assert (moved["hints"], moved["set_at"]) == (stored["hints"], stored["set_at"])
    assert Keyring.from_keys([NEW]).open(moved, place)["token"] == TOKEN


def test_a_key_that_was_taken_away_no_longer_opens(place):
    stored = Keyring.from_keys([OLD]).seal({"token": TOKEN}, place)
    with pytest.raises(SecretUnreadable, match="not among the configured"):
        Keyring.from_keys([NEW]).open(stored, place)


def test_clear_json_of_an_older_writer_opens_only_where_it_is_allowed(keyring, place):
    clear = {"token": TOKEN}
    assert not is_sealed(clear)
    assert keyring.needs_resealing(clear)
    assert keyring.open_allowing_clear(clear, place) == clear
    with pytest.raises(SecretUnreadable):
        keyring.open(clear, place)


def test_clear_json_is_sealed_by_resealing(keyring, place):
    moved = keyring.reseal({"token": TOKEN}, place)
    assert is_sealed(moved)
    assert keyring.open(moved, place)["token"] == TOKEN


@pytest.mark.parametrize("value", [None, [], "text", 5, {"v": 1}, {"v": 1, "kid": 1, "nonce": "", "ct": ""}])
def test_any_other_json_is_not_an_envelope(keyring, place, value):
    assert not is_sealed(value)
    assert hint(value, "token") is None
    assert set_at(value) is None
    with pytest.raises(SecretUnreadable):
        keyring.open(value, place)


@pytest.mark.parametrize("value", [None, [], "text", 5])
def test_only_an_object_counts_as_clear_json(keyring, place, value):
    with pytest.raises(SecretUnreadable):
        keyring.open_allowing_clear(value, place)


def test_nothing_printed_shows_a_secret_or_a_key(keyring, place):
    opened = keyring.open(keyring.seal({"token": TOKEN}, place), place)
    copies = [opened, opened.copy(), copy.copy(opened)]
    shown = " ".join(f"{thing!r} {thing} {thing:}" for thing in [*copies, keyring, place])
    assert TOKEN not in shown
    assert "token" in repr(opened)
    assert "nnnn" not in shown


def test_an_error_names_no_secret_and_drags_none_along(keyring, place):
    stored = keyring.seal({"token": TOKEN}, place)
    with pytest.raises(SecretUnreadable) as caught:
        keyring.open(stored | {"set_at": ""}, place)
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 33], [NEW, NEW]])
def test_unfit_keys_are_refused(keys):
    with pytest.raises(ValueError, match="credential key"):
        Keyring.from_keys(keys)


def test_the_name_of_a_key_gives_nothing_of_it_away():
    assert NEW.hex()[:16] != key_id(NEW) != key_id(OLD)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=30)
@given(st.dictionaries(st.text(), json_values))
def test_any_json_object_survives(content):
    keyring, place = Keyring.from_keys([NEW]), Place("t", "c", uuid4(), uuid4())
    assert keyring.open(json.loads(json.dumps(keyring.seal(content, place))), place) == content


@settings(max_examples=50)
@given(json_values)
def test_no_json_value_breaks_the_reader(value):
    keyring, place = Keyring.from_keys([NEW]), Place("t", "c", uuid4(), uuid4())
    with pytest.raises(SecretUnreadable):
        keyring.open(value, place)
    keyring.needs_resealing(value)
