"""What a query string may ask of a list: whatever is malformed has become its default."""

import base64
import json
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.restaurants.listing import RESTAURANTS
from portal.stores.listing import STORES
from portal.web.listing.request import read_cursor, read_request, write_cursor
from portal.web.searching import MAX_SEARCH, MAX_WORDS
from tests.rules.site.listings import listings

NAME, UPDATED = RESTAURANTS.sorts
ROW = UUID("9e1e0a00-0004-4000-8000-000000000001")


def packed(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


@given(st.text())
def test_a_place_survives_the_trip_through_a_link(value):
    storable = "".join(sign for sign in value if sign != "\0" and not "\ud800" <= sign <= "\udfff")
    row_id = uuid4()
    place = read_cursor(NAME, {"after": write_cursor(NAME, storable, row_id)})
    assert place is not None
    assert (place.value, place.id, place.backward) == (storable, row_id, False)


@pytest.mark.parametrize(
    "malformed",
    [
        "", "!", "=", "%%%", "\0", "\ud800", "é", "x" * 5000, packed(""), packed("null"), packed("[]"),
        packed("1e400"), packed(["name", "a"]), packed(["name", "a", ROW.hex, "more"]), packed({"name": 1}),
        packed(["name", 1, ROW.hex]), packed(["name", None, ROW.hex]), packed(["name", "a", "not-an-id"]),
        packed(["updated", "a", ROW.hex]), packed(["nonsense", "a", ROW.hex]), packed("[" * 1400),
        packed('["name", "a", NaN]'), packed("\ud800"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_malformed_place_is_none(malformed, name):
    assert read_cursor(NAME, {name: malformed}) is None


@pytest.mark.parametrize("moment", ["yesterday", "9" * 30, "2026-01-01T00:00:00+03:00", "2026-13-45", ""])
def test_a_place_at_a_moment_that_is_none_is_none(moment):
    assert read_cursor(UPDATED, {"after": packed(["updated", moment, ROW.hex])}) is None


@given(st.binary(max_size=200))
def test_whatever_stands_in_a_place_never_fails(noise):
    text = noise.decode("latin-1")
    read_cursor(NAME, {"after": text, "before": text})
    read_cursor(UPDATED, {"before": text})


@given(st.integers(min_value=0, max_value=200), st.characters(codec="ascii"))
def test_a_place_with_a_changed_letter_never_fails(at, letter):
    text = write_cursor(UPDATED, "2026-01-01T00:00:00", ROW)
    at %= len(text)
    read_cursor(UPDATED, {"after": text[:at] + letter + text[at + 1 :]})


def test_nul_and_surrogates_in_a_place_are_left_out():
    place = read_cursor(NAME, {"after": packed(["name", "a\0b\ud800c", ROW.hex])})
    assert place is not None
    assert place.value == "abc"


@pytest.mark.parametrize("value", ["archived", "all"])
def test_a_filters_choice_is_taken(value):
    assert read_request(RESTAURANTS, {"state": value}).filters["state"] == value


@pytest.mark.parametrize("value", ["", "nonsense", "ARCHIVED", "all ", "\0", "archived' OR 1=1"])
def test_what_is_no_choice_of_a_filter_is_its_default(value):
    assert read_request(RESTAURANTS, {"state": value}).filters["state"] == ""


@pytest.mark.parametrize("value", ["-" * 300 + ROW.hex, "x", "\0", str(ROW)[:-1]])
def test_an_id_that_cannot_be_read_as_it_is_kept_filters_nothing(value):
    assert read_request(STORES, {"restaurant_id": value}).filters["restaurant_id"] == ""
    assert read_request(STORES, {"restaurant_id": str(ROW)}).filters["restaurant_id"] == str(ROW)


def test_a_search_is_cut_short_and_has_few_words():
    wanted = read_request(RESTAURANTS, {"q": "слово " * 50})
    assert len(wanted.search) <= MAX_SEARCH
    assert len(wanted.patterns) <= MAX_WORDS


def test_a_search_is_freed_of_what_cannot_be_stored():
    assert read_request(RESTAURANTS, {"q": " \0ab\ud800C "}).patterns == ["%abc%"]


@given(st.dictionaries(st.sampled_from(["q", "sort", "after", "before", "page", "state", "sync"]), st.text()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_fails(scoped, world, args):
    with scoped(world.pelmenya.account_id):
        for listing in listings():
            wanted = read_request(listing, args)
            for each in listing.filters:
                each.parameters(wanted.filters[each.key])
                each.condition(wanted.filters[each.key])


def test_no_two_lists_share_a_name():
    # Compiled statements are kept by it.
    names = [listing.name for listing in listings()]
    assert len(set(names)) == len(names)


def test_no_list_sorts_by_what_may_be_missing():
    for listing in listings():
        for sort in listing.sorts:
            assert not getattr(sort.column, "nullable", False), f"{listing.name}: {sort.key}"
