"""The stand-in for an iiko server."""

import gzip
import hashlib
from collections.abc import Iterator

import httpx
import pytest

from tests.fakes.asking import http_client
from tests.fakes.iiko import Certificate, Chain, FakeIiko
from tests.fakes.iiko.faults import BODIES, NAMES, STATUSES


@pytest.fixture
def fake() -> Iterator[FakeIiko]:
    with FakeIiko(seats=1) as running:
        yield running


@pytest.fixture
def http(fake) -> Iterator[httpx.Client]:
    with http_client(base_url=f"{fake.base_url}/resto/api/") as client:
        yield client


def log_in(http, fake):
    digest = hashlib.sha1(fake.password.encode(), usedforsecurity=False).hexdigest()
    return http.post("auth", data={"login": fake.login, "pass": digest})


def test_a_seat_is_taken_at_the_log_in_and_returned_at_the_log_out(fake, http):
    assert log_in(http, fake).status_code == 200
    assert (fake.seats.free, http.get("licence/info?moduleId=28008806").text) == (0, "0")
    http.cookies.clear()
    refused = log_in(http, fake)
    assert (refused.status_code, fake.seats.refused) == (403, 1)
    assert "License enhancement is required" in refused.text
    assert http.post("logout", headers={"Cookie": f"key={fake.seats.held[0]}"}).status_code == 200
    assert fake.seats.free == 1
    assert http.post("logout").status_code == 401


def test_a_session_ends_an_hour_after_its_log_in_however_it_is_used(fake, http):
    log_in(http, fake)
    fake.pass_time(minutes=59)
    assert http.get("corporation/stores").status_code == 200
    fake.pass_time(minutes=2)
    assert http.get("corporation/stores").status_code == 401
    assert fake.seats.free == 1


def test_the_trees_tell_of_the_chain_as_it_is_now(fake, http):
    log_in(http, fake)
    fake.chain.rename(fake.chain.find("Кафе № 1"), 'Кафе "Лес" & Ко')
    fake.chain.remove(fake.chain.find("Кафе № 2"))
    text = http.get("corporation/departments").text
    assert 'Кафе "Лес" &amp; Ко' in text
    assert "Кафе № 2" not in text
    assert "Кафе № 2" not in http.get("corporation/stores").text
    assert http.get("corporation/departments", headers={"Accept": "application/json"}).text == "[{}, {}, {}]"


def test_requests_side_by_side_and_secrets_in_addresses_are_counted(fake, http):
    fake.faults.plan("hang", on="info", seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        http.get(f"{fake.base_url}/resto/get_server_info.jsp", timeout=0.05)
    assert http.get("corporation/stores?key=abc").status_code == 401
    assert (fake.overlaps, fake.leaks) == (1, 1)


@pytest.mark.parametrize("name", STATUSES)
def test_each_answer_that_means_something_else_is_given_once(fake, http, name):
    log_in(http, fake)
    fake.faults.plan(name, on="departments")
    answer = http.get("corporation/departments", follow_redirects=False)
    assert answer.status_code == STATUSES[name]().status_code
    if name == "unauthorized":
        # Of a session that is no longer known the seat is free.
        assert fake.seats.free == 1
        log_in(http, fake)
    assert http.get("corporation/departments").text.endswith("</corporateItemDtoes>")


@pytest.mark.parametrize("name", sorted(set(BODIES) - {"endless", "bomb"} - {n for n in BODIES if "token" in n}))
def test_each_spoiled_body_differs_from_the_good_one(fake, http, name):
    log_in(http, fake)
    good = http.get("corporation/departments").content
    fake.faults.plan(name, on="departments")
    try:
        with http.stream("GET", "corporation/departments") as answer:
            spoiled = b"".join(answer.iter_raw())
    except httpx.RemoteProtocolError:
        spoiled = b""
    assert spoiled != good
    if name == "packed":
        assert gzip.decompress(spoiled) == good
    assert http.get("corporation/departments").content == good


@pytest.mark.parametrize("name", ["quoted_token", "string_token", "page_for_token", "large_token"])
def test_a_token_in_a_strange_body_takes_a_seat_and_stands_in_the_cookie(fake, http, name):
    fake.faults.plan(name, on="auth")
    answer = log_in(http, fake)
    assert answer.text != fake.seats.held[0]
    assert answer.cookies["key"] == fake.seats.held[0]


def test_a_cut_log_in_may_have_taken_a_seat(fake, http):
    fake.faults.plan("cut_accepted", on="auth")
    with pytest.raises(httpx.RemoteProtocolError):
        log_in(http, fake)
    assert fake.seats.free == 0
    fake.restart(answers=0)
    fake.faults.clear()
    fake.faults.plan("cut", on="auth")
    with pytest.raises(httpx.RemoteProtocolError):
        log_in(http, fake)
    assert fake.seats.free == 1


def test_an_endless_answer_is_left_in_the_middle(fake, http):
    log_in(http, fake)
    fake.faults.plan("endless", on="stores")
    with http.stream("GET", "corporation/stores") as answer:
        pieces = answer.iter_raw()
        assert sum(len(next(pieces)) for _ in range(100)) > 1_000_000
    assert http.get("corporation/stores").status_code == 200


def test_a_certificate_of_its_own_is_not_trusted(http):
    certificate = Certificate()
    with FakeIiko(tls=certificate) as fake:
        assert fake.base_url.startswith("https://")
        with pytest.raises(httpx.ConnectError, match="self-signed"):
            http.get(f"{fake.base_url}/resto/get_server_info.jsp")
        with httpx.Client(verify=False, trust_env=False) as trusting:
            assert "<edition>chain</edition>" in trusting.get(f"{fake.base_url}/resto/get_server_info.jsp").text
    assert len(certificate.fingerprint) == 64


def test_the_page_breaks_and_mends_and_changes_the_chain(fake, http):
    home = http.get(f"{fake.base_url}/").text
    assert "1 restaurants" not in home
    for name in NAMES:
        assert f'value="{name}"' in home
    http.post(f"{fake.base_url}/_/faults", data={"fault": "no_seat", "on": "auth", "times": "2"})
    http.post(f"{fake.base_url}/_/rights/products")
    assert (fake.faults.planned[0].times, fake.denied) == (2, {"products"})
    http.post(f"{fake.base_url}/_/mend")
    assert (fake.faults.planned, fake.denied) == ([], set())
    http.post(f"{fake.base_url}/_/departments", data={"name": "<b>Новое</b>"})
    assert "&lt;b&gt;Новое" in http.get(f"{fake.base_url}/").text
    node = fake.chain.find("<b>Новое</b>")
    http.post(f"{fake.base_url}/_/nodes/{node.id}/name", data={"name": "Старое"})
    assert fake.chain.nodes[node.id].name == "Старое"
    http.post(f"{fake.base_url}/_/nodes/{node.id}/removal")
    assert node.id not in fake.chain.nodes
    http.post(f"{fake.base_url}/_/size", data={"departments": "12", "stores": "3"})
    assert (len(fake.chain.departments), len(fake.chain.stores)) == (12, 37)
    assert http.post(f"{fake.base_url}/_/size", data={"departments": "x", "stores": "3"}).status_code == 422
    assert http.post(f"{fake.base_url}/_/mend", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_ids_are_the_same_in_a_stand_in_that_was_started_anew():
    assert Chain.of_size(4).nodes == Chain.of_size(4).nodes
