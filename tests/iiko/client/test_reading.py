"""Answers to questions: what each status means, how much is read, and how long anybody waits."""

import gzip
import stat
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from portal.http import deadline
from portal.http.breaker import MAX_TIMEOUTS, CircuitBreaker
from portal.http.guard import OutboundGuard
from portal.iiko.client import exchange
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.client import IikoClient, Server
from portal.iiko.client.requests import DEPARTMENTS, MIB, PRODUCTS, SERVER_TYPE, olap, products_of
from portal.iiko.client.server import server_type_of
from portal.iiko.client.xml_rows import rows
from tests.fakes.faults import Cut
from tests.fakes.serving import RawResponse
from tests.iiko.client.conftest import LOGIN, PASSWORD, TOKEN, page, plain

PATH = DEPARTMENTS.path
TREE = (
    '<?xml version="1.0"?><corporateItemDtoes><corporateItemDto><id>5a0b1c2d-0000-4000-8000-000000000001</id>'
    "<name>На Невском</name></corporateItemDto></corporateItemDtoes>"
)


def xml(body=TREE, **headers):
    return Response(body, headers=headers, content_type=headers.pop("kind", "application/xml"))


def read(client, request=DEPARTMENTS):
    with client.read(request, TOKEN) as answer:
        return answer.file.read()


def failure(client, request=DEPARTMENTS):
    with pytest.raises(IikoFailure) as caught:
        read(client, request)
    return caught.value


def test_a_question_carries_its_token_as_a_cookie_and_never_in_its_address(script):
    script.say(PATH, xml())
    assert read(script.client()).decode() == TREE
    (asked,) = script.asked
    assert asked.query_string == b"revisionFrom=-1"
    assert (asked.headers["Cookie"], asked.headers["Accept"]) == (f"key={TOKEN}", "application/xml")
    assert asked.headers["Accept-Encoding"] == "gzip"


def test_a_report_is_asked_for_in_json(script):
    script.say("api/v2/reports/olap", Response('{"data":[]}', content_type="application/json"))
    read(script.client(), olap({"reportType": "SALES"}))
    assert script.asked[0].get_json() == {"reportType": "SALES", "buildSummary": False}
    assert script.asked[0].headers["Accept"] == "application/json"


def test_products_by_id_are_asked_for_in_a_form(script):
    script.say(PRODUCTS.path, Response("[]", content_type="application/json"))
    read(script.client(), products_of("1", "2"))
    assert script.asked[0].method == "POST"
    assert script.asked[0].get_data() == b"ids=1&ids=2&includeDeleted=false"


@pytest.mark.parametrize(
    ("answer", "outcome", "details"),
    [
        (plain("Token is expired", 401), Outcome.EXPIRED, {"text": "Token is expired"}),
        (
            plain("License enhancement is required: no connections available for module 28008806", 403),
            Outcome.NO_SEAT,
            {},
        ),
        (
            plain("Module 28008806 is blocked within current license", 403),
            Outcome.BLOCKED_MODULE,
            {"module": "28008806"},
        ),
        (plain("Permission denied", 403), Outcome.NO_RIGHT, {}),
        (plain("Permission denied: B_EN", 403), Outcome.NO_RIGHT, {"right": "B_EN"}),
        (plain("HTTP 404 Not Found", 404), Outcome.NOT_OFFERED, {"text": "HTTP 404 Not Found"}),
        (plain("Склад <Бар>\nзакрыт", 409), Outcome.BUSINESS, {"text": "Склад <Бар>\nзакрыт"}),
        (plain("revisionFrom: not a number", 400), Outcome.OUR_MISTAKE, {"text": "revisionFrom: not a number"}),
        (plain("", 405), Outcome.OUR_MISTAKE, {"text": ""}),
        (plain("slow down", 429), Outcome.UNAVAILABLE, {}),
        (plain("", 502), Outcome.UNAVAILABLE, {}),
        (plain("", 503), Outcome.UNAVAILABLE, {}),
        (plain("", 504), Outcome.UNAVAILABLE, {}),
        (plain("", 507), Outcome.SERVER_ERROR, {"text": ""}),
        (Response("", 204), Outcome.MALFORMED, {"flaw": "status"}),
        (page(200), Outcome.UNAVAILABLE, {}),
        (page(404), Outcome.UNAVAILABLE, {}),
        (page(500), Outcome.UNAVAILABLE, {}),
        (plain(" \r\n<!DOCTYPE HTML><html>restart</html>"), Outcome.UNAVAILABLE, {}),
    ],
)
def test_each_answer_of_a_server_that_worked_has_a_word_of_its_own(script, answer, outcome, details):
    script.say(PATH, answer)
    found = failure(script.client(worked_before=True))
    told = {key: value for key, value in found.details.items() if key != "request" and value != ""}
    assert (found.outcome, told) == (outcome, {key: value for key, value in details.items() if value})
    assert found.details["request"] == "departments"


def test_a_question_that_iiko_does_not_understand_is_told_to_the_developers_without_its_words(script, caplog):
    script.say(PATH, plain("revisionFrom planted", 400))
    failure(script.client())
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "departments" in line
    assert "planted" not in line


@pytest.mark.parametrize("answer", [page(200), page(404), page(502), plain("", 429), plain("", 503)])
def test_what_never_worked_and_answers_like_a_proxy_is_a_wrong_address(script, answer):
    script.say(PATH, answer)
    assert failure(script.client()).outcome is Outcome.WRONG_ADDRESS


def test_after_its_log_in_a_server_is_known_to_be_one(script):
    script.say(PATH, page(503))
    client = script.client()
    client.log_in()
    assert failure(client).outcome is Outcome.UNAVAILABLE


def test_the_right_that_a_question_needs_is_named_where_the_answer_does_not(script):
    script.say(PRODUCTS.path, plain("Permission denied", 403))
    assert failure(script.client(), PRODUCTS).details["right"] == "B_EN"


def test_what_a_version_does_not_offer_names_the_version(script):
    script.say("get_server_info.jsp", xml("<r><version>5.2</version></r>"))
    client = script.client()
    client.server_info()
    assert failure(client).details["version"] == "5.2"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_and_the_new_host_alone_is_told(script, status):
    script.say(PATH, Response("", status, {"Location": "https://new.iiko.example:8443/resto/?key=planted#x"}))
    found = failure(script.client())
    assert (found.outcome, found.details["host"]) == (Outcome.MOVED, "new.iiko.example:8443")
    assert "planted" not in str(found.details)
    assert len(script.asked) == 1


@pytest.mark.parametrize("location", ["", "/login", "https://[bad", "http://host:99999999/"])
def test_a_way_on_that_cannot_be_read_is_told_without_a_host(script, location):
    script.say(PATH, Response("", 302, {"Location": location}))
    found = failure(script.client())
    assert found.outcome is Outcome.MOVED
    assert not found.details.get("host")


def test_an_error_of_the_servers_is_met_by_one_more_try_after_five_seconds(script):
    script.say(PATH, plain("Connection reset", 500), xml())
    client = script.client(needs_browser_agent=True)
    assert read(client).decode() == TREE
    assert sum(script.pauses) == 5


def test_a_second_error_of_the_servers_fails_the_kind_with_its_text(script):
    script.say(PATH, plain("product == null", 500))
    found = failure(script.client(needs_browser_agent=True))
    assert (found.outcome, found.details["text"]) == (Outcome.SERVER_ERROR, "product == null")
    assert len(script.asked) == 2


def test_the_pause_before_the_second_try_can_be_stopped(script):
    script.say(PATH, plain("", 500))
    client = script.client(needs_browser_agent=True, stop=lambda: len(script.pauses) >= 2)
    assert failure(client).outcome is Outcome.CANCELLED
    assert (len(script.asked), len(script.pauses)) == (1, 2)


def test_an_error_of_whoever_reads_an_answer_asks_nothing_again(script):
    script.say(PATH, xml())
    client = script.client()
    with pytest.raises(LookupError), client.read(DEPARTMENTS, TOKEN):
        raise LookupError
    assert len(script.asked) == 1


def test_leave_is_asked_before_each_question(script):
    asked = []
    script.say(PATH, plain("", 500), xml())
    client = script.client(needs_browser_agent=True, on_request=lambda: asked.append(1))
    client.log_in()
    read(client)
    assert len(asked) == 3


def test_bytes_are_counted_after_unpacking_and_those_of_a_log_in_are_not(script):
    counted = []
    script.say(PATH, xml(gzip.compress(TREE.encode() + b" " * 100_000), **{"Content-Encoding": "gzip"}))
    client = script.client(on_bytes=counted.append)
    client.log_in()
    with client.read(DEPARTMENTS, TOKEN) as answer:
        assert answer.bytes == len(TREE.encode()) + 100_000 == sum(counted)
        assert len(list(rows(answer, ("corporateItemDtoes",), "corporateItemDto"))) == 1


def test_a_packed_answer_that_nobody_asked_for_is_read_just_so(script):
    script.say(PATH, xml(gzip.compress(TREE.encode())))
    assert read(script.client()).decode() == TREE


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" + b"x" * MIB,
        gzip.compress(b" " * (64 * MIB)),
    ],
)
def test_an_answer_over_its_bound_is_given_up_with_the_bound_named(script, body):
    script.say(PATH, xml(body))
    found = failure(script.client(), replace(DEPARTMENTS, body_cap=MIB))
    assert (found.outcome, found.details["limit"]) == (Outcome.TOO_LARGE, 1)


def test_an_answer_without_an_end_is_given_up_at_its_bound(script):
    def endless():
        while True:
            yield b"<a/>" * 10_000

    script.say(PATH, lambda: RawResponse(endless(), is_cut=True))
    assert failure(script.client(), replace(DEPARTMENTS, body_cap=MIB)).outcome is Outcome.TOO_LARGE


def test_of_an_error_of_any_length_the_beginning_is_read(script):
    script.say(PATH, plain("Склад закрыт. " * 300_000, 409))
    found = failure(script.client())
    assert found.outcome is Outcome.BUSINESS
    assert len(found.details["text"]) <= 300


@pytest.mark.parametrize(
    "answer",
    [
        lambda: RawResponse([b"<corporateItem"], headers={"Content-Length": "500"}, is_cut=True),
        lambda: RawResponse([b"5\r\n<a>xx\r\n"], headers={"Transfer-Encoding": "chunked"}, is_cut=True),
        lambda: RawResponse([gzip.compress(TREE.encode())[:-9]], headers={"Content-Encoding": "gzip"}, is_cut=True),
        lambda: Cut,
    ],
)
def test_an_answer_that_is_cut_broke_off_and_is_no_wrong_address(script, answer):
    script.say(PATH, answer)
    assert failure(script.client()).outcome is Outcome.BROKE_OFF


def test_an_answer_without_a_length_that_is_cut_is_found_by_its_reader(script):
    script.say(PATH, lambda: RawResponse([TREE.encode()[:-8]], is_cut=True))
    with script.client().read(DEPARTMENTS, TOKEN) as answer, pytest.raises(IikoFailure) as caught:
        rows(answer, ("corporateItemDtoes",), "corporateItemDto")
    assert caught.value.outcome is Outcome.BROKE_OFF


def test_a_large_answer_lies_on_the_disk_for_us_alone_and_is_gone_afterwards(script, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    script.say(PATH, xml(b"<a>" + b" " * (2 * MIB) + b"</a>"))
    with script.client().read(DEPARTMENTS, TOKEN) as answer:
        assert answer.file._rolled
        mode = stat.S_IMODE(Path(f"/proc/self/fd/{answer.file.fileno()}").stat().st_mode)
        assert mode == 0o600
        assert list(tmp_path.iterdir()) == []
        file = answer.file
    assert file.closed


def test_a_small_answer_stays_in_memory(script):
    script.say(PATH, xml())
    with script.client().read(DEPARTMENTS, TOKEN) as answer:
        assert answer.file._rolled is False


def test_the_code_page_of_the_header_goes_with_the_answer(script):
    body = TREE.replace('<?xml version="1.0"?>', "").encode("cp1251")
    script.say(PATH, lambda: Response(body, content_type="application/xml;charset=Windows-1251"))
    with script.client().read(DEPARTMENTS, TOKEN) as answer:
        (row,) = rows(answer, ("corporateItemDtoes",), "corporateItemDto")
    assert row.text("name") == "На Невском"


def test_an_error_in_a_russian_code_page_is_read(script):
    script.say(PATH, Response("Склад закрыт".encode("cp1251"), 409, content_type="text/plain;charset=windows-1251"))
    assert failure(script.client()).details["text"] == "Склад закрыт"


@pytest.fixture
def released():
    event = threading.Event()
    yield event
    event.set()


def test_a_server_that_is_silent_is_given_up_in_the_time_of_the_question(script, released):
    script.say(PATH, lambda: released.wait(20) and xml())
    found = failure(script.client(), replace(DEPARTMENTS, seconds=0.2))
    assert found.outcome is Outcome.TIMED_OUT
    assert "seconds" in found.details


def test_an_answer_that_drips_is_given_up_in_the_time_of_the_question(script, released):
    def drops():
        while not released.wait(0.02):
            yield b" "

    script.say(PATH, lambda: RawResponse(drops(), is_cut=True))
    assert failure(script.client(), replace(DEPARTMENTS, seconds=0.3)).outcome is Outcome.TIMED_OUT


def test_silence_in_the_middle_of_an_answer_has_a_bound_of_its_own(script, released, monkeypatch):
    monkeypatch.setattr(exchange, "SILENCE_SECONDS", 0.1)

    def pieces():
        yield b"<a>"
        released.wait(20)

    script.say(PATH, lambda: RawResponse(pieces(), is_cut=True))
    assert failure(script.client()).outcome is Outcome.TIMED_OUT


@pytest.mark.parametrize("begins", [True, False])
def test_whoever_waits_for_a_silent_server_can_stop_it(script, released, begins, monkeypatch):
    monkeypatch.setattr(deadline, "_ASKED_EVERY_SECONDS", 0.01)
    is_asked = threading.Event()

    def pieces():
        if begins:
            yield b"<a>"
        is_asked.set()
        released.wait(20)

    script.say(PATH, lambda: RawResponse(pieces(), is_cut=True))
    assert failure(script.client(stop=is_asked.is_set)).outcome is Outcome.CANCELLED


def test_a_stop_between_two_pieces_ends_the_reading(script):
    counted = []
    script.say(PATH, xml(b"<a>" + b" " * (4 * MIB)))
    client = script.client(on_bytes=counted.append, stop=lambda: sum(counted) > MIB)
    assert failure(client).outcome is Outcome.CANCELLED
    assert MIB < sum(counted) < 2 * MIB


def test_a_closed_port_does_not_answer(script):
    assert failure(script.client(base_url="http://127.0.0.1:1")).outcome is Outcome.UNREACHABLE


def test_a_host_that_timed_out_again_and_again_is_left_alone_but_for_its_log_out(script):
    breaker = CircuitBreaker()
    nobody = script.client(base_url="http://127.0.0.1:1", breaker=breaker)
    found = [failure(nobody).outcome for _ in range(MAX_TIMEOUTS + 1)]
    assert found[-2:] == [Outcome.UNREACHABLE, Outcome.RESTING]
    assert nobody.log_out(TOKEN) is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("http://pelmenya.iiko.it", Outcome.PLAIN_HTTP),
        ("https://10.0.0.1", Outcome.ADDRESS_REFUSED),
        ("https://pelmenya.iiko.it:22", Outcome.ADDRESS_REFUSED),
        ("ftp://pelmenya.iiko.it", Outcome.ADDRESS_REFUSED),
        ("https://u:p@pelmenya.iiko.it", Outcome.ADDRESS_REFUSED),
        ("https://", Outcome.ADDRESS_REFUSED),
        ("", Outcome.ADDRESS_REFUSED),
        ("https://[", Outcome.ADDRESS_REFUSED),
    ],
)
def test_an_address_that_must_not_be_called_is_not(script, address, outcome):
    client = IikoClient(Server(address, LOGIN, PASSWORD), guard=OutboundGuard(ports={443}), pause=lambda seconds: None)
    assert failure(client).outcome is outcome
    with pytest.raises(IikoFailure) as caught:
        client.log_in()
    assert (caught.value.outcome, caught.value.may_hold_seat) == (outcome, False)
    assert client.log_out(TOKEN) is outcome


def test_a_deployment_that_rests_asks_nobody(script, monkeypatch):
    monkeypatch.setattr("portal.iiko.client.asking.rests", lambda: True)
    client = script.client()
    assert failure(client).outcome is Outcome.DEPLOYMENT_RESTS
    assert client.log_out(TOKEN) is Outcome.DEPLOYMENT_RESTS
    assert script.asked == []


def test_a_server_says_who_it_is_without_a_log_in(script):
    body = (
        "<r><serverName>Пельменья\x07</serverName><edition>chain</edition><version>8.7.6028.0</version>"
        "<serverState>STARTED_SUCCESSFULLY</serverState></r>"
    )
    script.say("get_server_info.jsp", xml(body))
    info = script.client().server_info()
    assert (info.name, info.edition, info.version, info.is_starting) == ("Пельменья", "chain", "8.7.6028.0", False)
    assert script.asked[0].query_string == b"encoding=UTF-8"
    assert "Cookie" not in script.asked[0].headers


@pytest.mark.parametrize(
    "answer", [page(404), page(200), plain("no", 403), plain("", 500), xml("<a/>"), xml(""), xml("<r><a>")]
)
def test_that_a_server_does_not_say_who_it_is_proves_nothing(script, answer):
    script.say("get_server_info.jsp", answer)
    assert script.client(needs_browser_agent=True).server_info() is None


def test_a_server_that_moved_or_is_silent_is_told_before_anybody_logs_in(script):
    script.say("get_server_info.jsp", Response("", 301, {"Location": "https://b.example"}))
    with pytest.raises(IikoFailure) as caught:
        script.client().server_info()
    assert caught.value.outcome is Outcome.MOVED
    with pytest.raises(IikoFailure) as caught:
        script.client(base_url="http://127.0.0.1:1").server_info()
    assert caught.value.outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("CHAIN", "CHAIN"),
        ('"CHAIN"', "CHAIN"),
        ("<serverType>CHAIN</serverType>", "CHAIN"),
        ('<?xml version="1.0" encoding="UTF-8"?>\n<serverType>REPLICATED_RMS</serverType>\n', "REPLICATED_RMS"),
        (" STANDALONE_RMS\r\n", "STANDALONE_RMS"),
        ("chain", None),
        ("'CHAIN'", None),
        ("OTHER", None),
        ("<type>CHAIN</type>", None),
        ("", None),
    ],
)
def test_the_type_of_a_server_is_taken_in_three_spellings_alone(script, said, known):
    script.say(SERVER_TYPE.path, plain(said))
    with script.client().read(SERVER_TYPE, TOKEN) as answer:
        assert server_type_of(answer) == known
