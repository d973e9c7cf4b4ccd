import json
import tracemalloc
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.client import json_parsing
from portal.iiko.client.answer import Answer
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.json_rows import BARE, JsonRow, rows
from portal.iiko.client.reading import Reading
from portal.iiko.client.rows import Fault, RowError

IDS = [f"5a0b1c2d-0000-4000-8000-{number:012}" for number in range(5)]


@pytest.fixture
def read(answer):
    def run(body, envelopes=(BARE,), charset=None, **options):
        reading = Reading()
        return list(rows(answer(body, charset), envelopes, reading, **options)), reading.notes

    return run


@pytest.fixture
def one(read):
    def run(members):
        (row,), _ = read(f'[{{"id":"{IDS[0]}",{members}}}]')
        return row

    return run


@pytest.fixture
def refused(read):
    def run(body, envelopes=(BARE,), charset=None):
        with pytest.raises(IikoFailure) as caught:
            read(body, envelopes, charset)
        return caught.value.outcome, caught.value.details.get("flaw")

    return run


def test_rows_of_a_bare_list_are_read_with_exact_numbers(read):
    body = f' [ {{"id":"{IDS[0]}","count":0.91,"num":"00012"}} , {{"id":"{IDS[1]}","count":12}} ] '
    found, _ = read(body)
    assert [(row.iiko_id, row.number("count")) for row in found] == [(IDS[0], Decimal("0.91")), (IDS[1], Decimal(12))]
    assert found[0].text("num") == "00012"


def test_rows_of_a_member_are_read_wherever_it_stands(read):
    body = f'{{"knownRevision": 1, "data": [{{"id":"{IDS[0]}"}}], "summary": [[], {{}}]}}'
    found, _ = read(body, ("data",))
    assert [row.iiko_id for row in found] == [IDS[0]]
    assert read('{"data":[]}', ("data",))[0] == []
    assert read("[]")[0] == []


def test_rows_without_ids_are_all_given_out(read):
    assert len(read('{"data":[{"a":1},{"a":1}]}', ("data",), key=None)[0]) == 2


@pytest.mark.parametrize("member", ['"code":null', '"code":""', '"other":1'])
def test_null_empty_and_absent_are_nothing(one, member):
    row = one(member)
    assert (row.text("code"), row.child("code") if "null" in member else None) == (None, None)


def test_flags_parts_and_lists_are_read(one):
    row = one('"deleted":false,"more":{"a":"x"},"containers":[{"num":"1"},{"num":"2"}],"none":null')
    assert row.flag("deleted") is False
    assert row.child("more").text("a") == "x"
    assert [each.text("num") for each in row.children("containers")] == ["1", "2"]
    assert list(row.children("none")) == []


@pytest.mark.parametrize(
    ("member", "method", "fault"),
    [
        ('"f":"true"', "flag", Fault.NOT_A_FLAG),
        ('"f":1', "flag", Fault.NOT_A_FLAG),
        ('"f":"1"', "number", Fault.NOT_A_NUMBER),
        ('"f":1E+2', "number", Fault.NOT_A_NUMBER),
        ('"f":NaN', "number", Fault.NOT_A_NUMBER),
        ('"f":-Infinity', "text", Fault.NOT_A_NUMBER),
        (f'"f":{"9" * 5000}', "number", Fault.NOT_A_NUMBER),
        ('"f":{}', "text", Fault.NOT_PLAIN),
        ('"f":[]', "text", Fault.NOT_PLAIN),
        ('"f":[1]', "children", Fault.NOT_PLAIN),
        ('"f":"x"', "children", Fault.NOT_PLAIN),
        ('"f":[]', "child", Fault.NOT_PLAIN),
        ('"f":1,"f":2', "number", Fault.REPEATED_FIELD),
        (f'"f":"{"a" * (64 * 1024 + 1)}"', "text", Fault.TOO_LONG),
        ('"f":"12"', "guid", Fault.NOT_AN_ID),
    ],
)
def test_a_value_of_another_sort_is_an_error_of_its_row(one, member, method, fault):
    with pytest.raises(RowError) as caught:
        getattr(one(member), method)("f")
    assert caught.value.fault is fault


def test_rows_that_are_no_objects_are_errors_and_the_others_go_on(read):
    found, _ = read(f'[1, "a", [], {{"id":"{IDS[0]}"}}]')
    assert [isinstance(each, JsonRow) for each in found] == [False, False, False, True]


def test_empty_objects_are_errors_each(read):
    found, _ = read("[{},{},{}]")
    assert [each.fault for each in found] == [Fault.MISSING] * 3


def test_rows_of_one_id_count_once_or_contradict_each_other(read):
    same, other = f'{{"id":"{IDS[0]}","a":[1,{{"b":2}}]}}', f'{{"id":"{IDS[1]}","a":%s}}'
    found, notes = read(f"[{same},{same},{other % 1},{other % 2}]")
    assert [type(each) for each in found] == [JsonRow, RowError]
    assert (found[1].fault, found[1].iiko_id) == (Fault.REPEATED_ID, IDS[1])
    assert notes == {"repeated_rows": 2}


def test_control_characters_become_spaces_and_halves_of_letters_marks(one):
    row = one('"name":"Ка\x0bфе\\u0000\\u001f!","half":"\\ud800"')
    assert row.text("name") == "Ка фе  !"
    assert row.text("half") == "?"


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ('[{"id":"%s","n":"Борщ"}]'.encode(), None),
        (b"\xef\xbb\xbf" + '[{"id":"%s","n":"Борщ"}]'.encode(), "windows-1251"),
        ('[{"id":"%s","n":"Борщ"}]'.encode("cp1251"), "windows-1251"),
    ],
)
def test_letters_are_those_of_the_mark_else_the_header_else_utf_8(read, body, charset):
    (row,), _ = read(body.replace(b"%s", IDS[0].encode()), charset=charset)
    assert row.text("n") == "Борщ"


WHOLE = json.dumps([{"id": IDS[0], "name": "Борщ", "deleted": False, "n": None, "a": [1.5, {"b": True}]}])


@pytest.mark.parametrize("cut", range(1, len(WHOLE)))
def test_an_answer_that_is_cut_anywhere_broke_off(refused, cut):
    assert refused(WHOLE[:cut])[0] is Outcome.BROKE_OFF


@pytest.mark.parametrize("body", ['{"data":[', '{"data"', '{"data":[]', "{", '{"summary":[],"da'])
def test_an_answer_with_a_member_that_is_cut_broke_off(refused, body):
    assert refused(body, ("data",))[0] is Outcome.BROKE_OFF


@pytest.mark.parametrize(
    ("body", "envelopes"),
    [
        ('{"data":[]}', (BARE,)),
        ("[]", ("data",)),
        ('{"error":"no"}', ("data",)),
        ('{"data":{}}', ("data",)),
        ('{"data":null}', ("data",)),
        ('{"data":[],"data":[]}', ("data",)),
        ("{}", ("data",)),
    ],
)
def test_another_envelope_is_an_answer_to_something_else(refused, body, envelopes):
    assert refused(body, envelopes) == (Outcome.MALFORMED, "envelope")


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("ok", "no_json"),
        ("<html/>", "no_json"),
        ("[{a: 12345678}]", "no_json"),
        ("[{} {}]", "no_json"),
        ("[{}]]", "trailing"),
        ("[{}] 1", "trailing"),
        ("[" * 100_000, "too_deep"),
        ("[" + '{"a":' * 20 + "1" + "}" * 20 + "]", "too_deep"),
    ],
)
def test_what_is_no_json_is_told(refused, body, flaw):
    assert refused(body) == (Outcome.MALFORMED, flaw)


def test_a_value_beyond_the_bound_is_refused(refused, monkeypatch):
    monkeypatch.setattr(json_parsing, "MAX_VALUE", 100_000)
    assert refused('[{"a":"' + "x" * 400_000 + '"}]')[0] is Outcome.MALFORMED


def test_a_row_longer_than_a_piece_is_read_whole(read):
    (row,), _ = read(json.dumps([{"id": IDS[0], "parts": [{"a": "x" * 1000}] * 500}]))
    assert len(row.children("parts")) == 500


def test_one_row_is_in_memory_at_a_time(answer):
    given = answer(json.dumps([{"id": str(uuid4()), "name": "a" * 10_000} for _ in range(600)]))
    tracemalloc.start()
    try:
        count = sum(1 for _ in rows(given))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 600
    # The answer itself has 6 MB.
    assert most < 3_000_000


@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=5), st.none() | st.booleans() | st.text(max_size=9) | st.integers(), max_size=4
        ),
        max_size=5,
    )
)
def test_whatever_json_writes_is_read(listed):
    body = json.dumps(listed).encode()
    found = list(rows(Answer(BytesIO(body), None, len(body)), (BARE,), key=None))
    assert len(found) == len(listed)


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"[{text}]".encode("utf-8", "replace")))
def test_no_bytes_break_the_reader(body):
    for envelopes in ((BARE,), ("data",)):
        with suppress(IikoFailure):
            list(rows(Answer(BytesIO(body), None, len(body)), envelopes))
