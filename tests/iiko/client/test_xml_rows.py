import tracemalloc
from contextlib import suppress
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.iiko.client import characters, xml_parsing
from portal.iiko.client.answer import Answer
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.reading import Reading
from portal.iiko.client.rows import Fault, RowError
from portal.iiko.client.xml_rows import XmlRow, rows, whole

ENVELOPE, ELEMENT = "corporateItemDtoes", "corporateItemDto"
IDS = [f"5a0b1c2d-0000-4000-8000-{number:012}" for number in range(5)]
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def item(inside="", number=0):
    return f"<{ELEMENT}><id>{IDS[number]}</id>{inside}</{ELEMENT}>"


def document(*items):
    return f"<{ENVELOPE}>{''.join(items)}</{ENVELOPE}>"


@pytest.fixture
def read(answer):
    """Every row of a text, and what was noted."""

    def run(body, charset=None, **options):
        reading = Reading()
        return list(rows(answer(body, charset), (ENVELOPE, "other"), ELEMENT, reading, **options)), reading.notes

    return run


@pytest.fixture
def one(read):
    """The one row of a document that holds it."""

    def run(inside):
        (row,), _ = read(document(item(inside)))
        return row

    return run


@pytest.fixture
def refused(read):
    """What a text is refused for: the outcome, and the flaw where it names one."""

    def run(body, charset=None):
        with pytest.raises(IikoFailure) as caught:
            read(body, charset)
        return caught.value.outcome, caught.value.details.get("flaw")

    return run


def test_rows_are_read_with_their_names_as_they_are(read):
    found, notes = read(DECLARATION + document(item("<name>Кафе &quot;Лес&quot; &amp; Ко</name>"), item(number=1)))
    assert [(row.iiko_id, row.text("name")) for row in found] == [(IDS[0], 'Кафе "Лес" & Ко'), (IDS[1], None)]
    assert notes == {}


def test_one_row_many_and_none_are_all_a_list(read):
    assert [len(read(document(*[item(number=n) for n in range(count)]))[0]) for count in (0, 1, 4)] == [0, 1, 4]
    assert read(f"<{ENVELOPE}/>")[0] == []


def test_local_names_count_whatever_their_namespace(read):
    body = (
        f'<n:{ENVELOPE} xmlns:n="urn:a"><n:{ELEMENT}><n:id>{IDS[0]}</n:id><b:name xmlns:b="urn:b">А</b:name>'
        f"</n:{ELEMENT}></n:{ENVELOPE}>"
    )
    (row,), _ = read(body)
    assert row.text("name") == "А"


@pytest.mark.parametrize("inside", ["", "<code/>", "<code></code>", "<code>  \n </code>"])
def test_absent_and_empty_are_nothing(one, inside):
    assert one(inside).text("code") is None


def test_a_field_that_comes_twice_makes_an_error_of_whoever_reads_it(one):
    row = one("<code>A</code><code>B</code><name>n</name>")
    assert row.text("name") == "n"
    with pytest.raises(RowError) as caught:
        row.text("code")
    assert (caught.value.fault, caught.value.name) == (Fault.REPEATED_FIELD, "code")


def test_a_field_with_parts_is_no_text(one):
    with pytest.raises(RowError) as caught:
        one("<code><x/></code>").text("code")
    assert caught.value.fault is Fault.NOT_PLAIN


def test_a_text_of_more_than_64_kib_is_an_error_of_its_row_alone(read):
    found, _ = read(document(item(f"<name>{'a' * (64 * 1024 + 1)}</name>"), item("<name>b</name>", 1)))
    with pytest.raises(RowError) as caught:
        found[0].text("name")
    assert caught.value.fault is Fault.TOO_LONG
    assert found[1].text("name") == "b"


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("false", False)])
def test_true_and_false_are_flags(one, text, flag):
    assert one(f"<deleted>{text}</deleted>").flag("deleted") is flag


def test_any_other_word_is_no_flag(one):
    with pytest.raises(RowError) as caught:
        one("<deleted>TRUE</deleted>").flag("deleted")
    assert (caught.value.fault, caught.value.value) == (Fault.NOT_A_FLAG, "TRUE")


def test_numbers_ids_parts_and_lists_are_read(one):
    row = one(
        f"<sum>228.150000000</sum><parentId>{{{IDS[1].upper()}}}</parentId><more><taxpayerId>0077</taxpayerId></more>"
        "<items><item><num>1</num></item><note/><item><num>2</num></item></items><none/>"
    )
    assert row.number("sum") == Decimal("228.15")
    assert row.guid("parentId") == IDS[1]
    assert row.child("more").text("taxpayerId") == "0077"
    assert [each.text("num") for each in row.children("items", "item")] == ["1", "2"]
    assert (row.child("absent"), list(row.children("absent", "item")), list(row.children("none", "item"))) == (
        None,
        [],
        [],
    )


@pytest.mark.parametrize(
    ("inside", "method", "fault"),
    [
        ("<f>1,5</f>", "number", Fault.NOT_A_NUMBER),
        ("<f>NaN</f>", "number", Fault.NOT_A_NUMBER),
        ("<f>12</f>", "guid", Fault.NOT_AN_ID),
        ("<f>yesterday</f>", "day", Fault.NOT_A_DATE),
        ("", "required", Fault.MISSING),
    ],
)
def test_a_value_of_another_sort_is_an_error_with_its_field_and_what_it_says(one, inside, method, fault):
    with pytest.raises(RowError) as caught:
        getattr(one(inside), method)("f")
    assert caught.value.details["fault"] == fault
    assert caught.value.details["field"] == "f"


def test_rows_that_come_twice_alike_count_once(read):
    found, notes = read(document(item("<code>1</code>"), item("<code>1</code>"), item(number=1)))
    assert [row.iiko_id for row in found] == IDS[:2]
    assert notes == {"repeated_rows": 1}


@pytest.mark.parametrize("times", [2, 3])
def test_rows_of_one_id_that_contradict_each_other_are_one_error_and_neither_wins(read, times):
    twins = [item(f"<code>{n}</code>") for n in range(times)]
    found, _ = read(document(*twins, item("<code>0</code>"), item(number=1)))
    (error, row) = found
    assert (error.fault, error.iiko_id) == (Fault.REPEATED_ID, IDS[0])
    assert row.iiko_id == IDS[1]


def test_an_id_is_the_same_in_braces_and_capital_letters(read):
    upper = f"<{ELEMENT}><id>{{{IDS[0].upper()}}}</id></{ELEMENT}>"
    (error,), _ = read(document(item("<code>1</code>"), upper))
    assert error.fault is Fault.REPEATED_ID


@pytest.mark.parametrize("identity", ["", "<id/>", "<id>00000000-0000-0000-0000-000000000000</id>"])
def test_a_row_without_an_id_is_an_error_and_the_others_go_on(read, identity):
    found, _ = read(document(f"<{ELEMENT}>{identity}</{ELEMENT}>", item()))
    assert found[0].fault is Fault.MISSING
    assert found[1].iiko_id == IDS[0]


@pytest.mark.parametrize("identity", ["<id>12</id>", f"<id>{IDS[0]}</id><id>{IDS[1]}</id>", "<id><x/></id>"])
def test_a_row_whose_id_cannot_be_read_is_an_error(read, identity):
    found, _ = read(document(f"<{ELEMENT}>{identity}</{ELEMENT}>", item(number=2)))
    assert isinstance(found[0], RowError)
    assert isinstance(found[1], XmlRow)


def test_control_characters_and_their_references_become_spaces_and_are_noted(read):
    (row,), notes = read(document(item("<name>Ка\x0bфе&#11;а&#x1F;б\0</name><code>a&#9;b&#10;c&#xD;d</code>")))
    assert row.text("name") == "Ка фе а б"
    assert row.text("code") == "a\tb\nc\rd"
    assert notes == {"control_characters": 4}


@pytest.mark.parametrize("before", range(8))
def test_a_reference_that_falls_between_two_pieces_is_found(before):
    begin = len(document(item("<x>")).partition("<x>")[0]) + len("<x>")
    name = "a" * (characters.PIECE - begin - before) + "&#11;b"
    body = document(item(f"<x>{name}</x>")).encode()
    reading = Reading()
    list(rows(Answer(BytesIO(body), None, len(body)), (ENVELOPE,), ELEMENT, reading))
    assert reading.notes == {"control_characters": 1}


NAME = document(item("<name>Пельменья</name>"))


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (NAME.encode(), None),
        (b"\xef\xbb\xbf" + NAME.encode(), "windows-1251"),
        (NAME.encode("cp1251"), "windows-1251"),
        (f'<?xml version="1.0" encoding="windows-1251"?>{NAME}'.encode("cp1251"), None),
        (f'<?xml version="1.0" encoding="windows-1251"?>{NAME}'.encode("cp1251"), "utf-8"),
        (f"<?xml version='1.0' encoding='UTF-8'?>{NAME}".encode(), "windows-1251"),
        (f'<?xml version="1.0"?>{NAME}'.encode("cp1251"), "cp1251"),
        (NAME.encode("utf-16"), None),
        (f"\r\n \t{DECLARATION}{NAME}".encode(), None),
    ],
)
def test_letters_are_those_of_the_mark_else_the_declaration_else_the_header_else_utf_8(read, body, charset):
    (row,), _ = read(body, charset)
    assert row.text("name") == "Пельменья"


def test_names_that_were_spoiled_at_their_source_are_kept_as_they_are(one):
    assert one("<name>РЅРѕРІС‹Р№</name>").text("name") == "РЅРѕРІС‹Р№"


@pytest.mark.parametrize(
    ("body", "charset"), [(NAME.encode("cp1251"), None), (NAME.encode(), "klingon"), (NAME.encode(), "zlib_codec")]
)
def test_letters_that_cannot_be_read_fail_the_whole_answer(refused, body, charset):
    assert refused(body, charset) == (Outcome.MALFORMED, "charset")


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY b "bbbb">]>' + document(),
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">' + document(),
        '<?xml-stylesheet href="a"?>' + document(),
        document("<?php echo 1?>"),
    ],
)
def test_declarations_and_instructions_are_refused(refused, body):
    assert refused(body) == (Outcome.MALFORMED, "declarations")


@pytest.mark.parametrize(
    "body", [document(item("<name>&b;</name>")), "ok", "[{},{},{}]", "<a b=>", f"<{ENVELOPE}></b>", "{}"]
)
def test_what_is_no_xml_is_told(refused, body):
    assert refused(body) == (Outcome.MALFORMED, "no_xml")


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"\xef\xbb\xbf"])
def test_nothing_at_all_is_no_answer(refused, body):
    assert refused(body) == (Outcome.MALFORMED, "empty")


@pytest.mark.parametrize("cut", [*range(1, 90, 7), -1, -5, -12])
def test_an_answer_that_is_cut_anywhere_broke_off_and_gives_no_row(refused, cut):
    body = document(item("<name>Кафе</name>"), item(number=1)).encode()
    assert refused(body[:cut])[0] is Outcome.BROKE_OFF


@pytest.mark.parametrize("junk", ["<junk/>", "junk", "&#11;<a/>", document()])
def test_what_follows_after_the_end_breaks_the_answer(refused, junk):
    assert refused(document(item()) + junk) == (Outcome.MALFORMED, "trailing")


def test_white_space_and_a_comment_after_the_end_do_no_harm(read):
    assert len(read(document(item()) + "\r\n<!-- 3 ms -->\0")[0]) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<error><message>no</message></error>",
        "<html><body/></html>",
        f"<employees>{item()}</employees>",
        # The right envelope with other things in it: else every row would be missing.
        document("<item/><item/>"),
    ],
)
def test_another_envelope_is_an_answer_to_something_else(refused, body):
    assert refused(body) == (Outcome.MALFORMED, "envelope")


def test_unknown_parts_beside_the_rows_are_passed_over_and_noted(read):
    found, notes = read(document("<revision>5</revision>", item()))
    assert len(found) == 1
    assert notes == {"unknown_parts": 1}


def test_more_than_sixteen_levels_are_refused(refused, read):
    def nested(levels):
        # The envelope and the row are two of them.
        return document(item("<a>" * (levels - 2) + "</a>" * (levels - 2)))

    assert len(read(nested(16))[0]) == 1
    assert refused(nested(17)) == (Outcome.MALFORMED, "too_deep")


def test_more_parts_than_the_bound_are_refused(refused, monkeypatch):
    monkeypatch.setattr(xml_parsing, "MAX_ELEMENTS", 20)
    assert refused(document(*[item(number=n % 5) for n in range(10)])) == (Outcome.MALFORMED, "too_many")


@pytest.mark.parametrize("inside", ["<a/>" * 11, "<a>" + "x" * 101 + "</a>"])
def test_a_row_of_too_many_parts_or_letters_is_refused(refused, monkeypatch, inside):
    monkeypatch.setattr(xml_parsing, "MAX_ROW_PARTS", 10)
    monkeypatch.setattr(xml_parsing, "MAX_ROW_TEXT", 100)
    assert refused(document(item(inside))) == (Outcome.MALFORMED, "too_many")


@pytest.mark.parametrize("begun", [f'<{ENVELOPE} a="', f"<{ENVELOPE}><!-- "])
def test_a_tag_or_comment_without_an_end_is_not_kept_in_memory(refused, begun):
    assert refused(begun + "x" * (3 * 1024 * 1024)) == (Outcome.MALFORMED, "no_xml")


def test_one_row_is_in_memory_at_a_time(answer):
    body = document(*(f"<{ELEMENT}><id>{uuid4()}</id><name>{'а' * 5000}</name></{ELEMENT}>" for _ in range(600)))
    given = answer(body)
    tracemalloc.start()
    try:
        count = sum(1 for _ in rows(given, (ENVELOPE,), ELEMENT))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 600
    # The answer itself has 6 MB.
    assert most < 3_000_000


def test_eight_mebibytes_of_open_tags_cost_little(refused):
    tracemalloc.start()
    try:
        assert refused("<a>" * 100_000)[0] is Outcome.MALFORMED
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3_000_000


def test_a_small_answer_is_read_as_one_row(answer):
    row = whole(answer("<r><serverName>Chain</serverName><version>8.7</version></r>"), ("r",))
    assert (row.text("serverName"), row.text("edition")) == ("Chain", None)
    with pytest.raises(IikoFailure):
        whole(answer("<html/>"), ("r",))


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: document(item(text)).encode("utf-8", "replace"))
)
def test_no_bytes_break_the_reader(body):
    with suppress(IikoFailure):
        list(rows(Answer(BytesIO(body), None, len(body)), (ENVELOPE,), ELEMENT))
