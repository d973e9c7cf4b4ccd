"""Hosts that have stopped answering are left alone."""

import httpx
import pytest

from portal.http.breaker import MAX_HOSTS, MAX_TIMEOUTS, REST_SECONDS, CircuitBreaker
from portal.http.client import HostResting, open_client
from portal.messaging.sending.retry_policy import decide
from portal.messengers.calls import Calls
from portal.messengers.errors import Resting, Throttled, Unavailable
from portal.messengers.registry import platform
from tests.messengers.conftest import DEMO

NOBODY = "http://127.0.0.1:1"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(clock)


def silence(breaker, host="a", times=MAX_TIMEOUTS):
    for _ in range(times):
        breaker.note_timeout(host)


def test_a_host_is_left_alone_after_so_many_timeouts_in_a_row_and_no_other_is(breaker):
    silence(breaker, times=MAX_TIMEOUTS - 1)
    assert breaker.rest_of("a") == 0
    breaker.note_timeout("a")
    assert breaker.rest_of("a") == REST_SECONDS
    assert breaker.rest_of("b") == 0


def test_an_answer_in_between_begins_the_count_anew(breaker):
    silence(breaker, times=MAX_TIMEOUTS - 1)
    breaker.note_answer("a")
    silence(breaker, times=MAX_TIMEOUTS - 1)
    assert breaker.rest_of("a") == 0


def test_after_the_rest_one_call_tries_and_the_others_wait_for_what_comes_of_it(breaker, clock):
    silence(breaker)
    clock.now += REST_SECONDS
    assert [breaker.rest_of("a") for _ in range(3)] == [0, REST_SECONDS, REST_SECONDS]
    breaker.note_answer("a")
    assert breaker.rest_of("a") == 0


def test_a_try_that_fails_begins_another_rest(breaker, clock):
    silence(breaker)
    clock.now += REST_SECONDS
    assert breaker.rest_of("a") == 0
    clock.now += 10
    breaker.note_timeout("a")
    assert breaker.rest_of("a") == REST_SECONDS


def test_the_breaker_remembers_a_bounded_number_of_hosts(breaker):
    for number in range(MAX_HOSTS + 5):
        silence(breaker, str(number), times=1)
    assert len(breaker._hosts) == MAX_HOSTS


def test_nothing_is_asked_of_a_host_that_rests(breaker):
    with open_client(None, breaker=breaker) as client:
        for _ in range(MAX_TIMEOUTS):
            with pytest.raises(httpx.ConnectError):
                client.get(NOBODY)
        with pytest.raises(HostResting):
            client.get(NOBODY)


def test_a_message_to_a_platform_that_rests_waits_and_no_try_is_counted(breaker):
    with Calls({"telegram": NOBODY}, breaker) as calls:
        call = calls.of(platform("telegram"), DEMO["telegram"])
        for _ in range(MAX_TIMEOUTS):
            with pytest.raises(Unavailable):
                platform("telegram").setup.profile(call)
        with pytest.raises(Resting) as resting:
            platform("telegram").setup.profile(call)
    assert isinstance(resting.value, Throttled)
    verdict = decide(resting.value, 99, resolves=False)
    assert (verdict.state, verdict.counts) == ("queued", False)


def test_files_from_an_address_that_one_account_names_rest_for_that_account_alone(breaker):
    with Calls({"telegram": "http://127.0.0.1:2"}, breaker) as calls:
        first, second = (calls.of(platform("telegram"), DEMO["telegram"], caller) for caller in "ab")
        for _ in range(MAX_TIMEOUTS):
            with pytest.raises(Unavailable):
                first.download(NOBODY, 10)
        with pytest.raises(Resting):
            first.download(NOBODY, 10)
        with pytest.raises(Unavailable):
            second.download(NOBODY, 10)


def test_a_slow_file_on_the_platforms_own_server_does_not_make_its_methods_rest(breaker):
    with Calls({"telegram": NOBODY}, breaker) as calls:
        call = calls.of(platform("telegram"), DEMO["telegram"], "a")
        for _ in range(MAX_TIMEOUTS):
            with pytest.raises(Unavailable):
                call.download(NOBODY + "/file", 10)
        with pytest.raises(Unavailable):
            platform("telegram").setup.profile(call)
