import threading

import pytest

from portal.iiko.client.addresses import server_key
from portal.iiko.seats.lock import lock_number, server_lock

KEY, OTHER = server_key("https://a.iiko.it"), server_key("https://b.iiko.it")


@pytest.fixture(autouse=True)
def context(app, database):
    with app.app_context():
        yield


def test_one_at_a_time_holds_the_lock_of_a_server_and_nobody_waits_for_it():
    with server_lock(KEY) as lock:
        assert lock.is_alive()
        with server_lock(KEY) as second, server_lock(OTHER) as other:
            assert second is None
            assert other.is_alive()
        assert lock.is_alive()
    with server_lock(KEY) as again:
        assert again is not None


def test_the_lock_comes_free_at_once_also_where_the_work_failed():
    def fail():
        with server_lock(KEY) as lock:
            raise LookupError if lock else AssertionError

    for _ in range(20):
        with pytest.raises(LookupError):
            fail()


def test_threads_have_to_share_it_too(app):
    found = []

    def ask():
        with app.app_context(), server_lock(KEY) as lock:
            found.append(lock)

    with server_lock(KEY):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert found == [None]


def test_a_lost_connection_is_a_lost_lock(superuser_sql):
    with server_lock(KEY) as lock:
        superuser_sql("SELECT pg_terminate_backend(%s)", [lock.connection.info.backend_pid])
        assert not lock.is_alive()
        with server_lock(KEY) as next_one:
            assert next_one is not None


def test_every_spelling_of_a_server_and_every_account_share_one_number():
    assert lock_number(KEY) == lock_number(server_key("https://A.iiko.it:443/resto/"))
    assert -(2**63) <= lock_number(KEY) < 2**63
    assert lock_number(KEY) != lock_number(OTHER)
