"""The check of a connection."""

import pytest

from portal.db.base import db
from portal.iiko.models import IikoConnection, Purpose
from tests.fakes.iiko import Certificate, FakeIiko


def test_a_check_tells_what_may_be_read_and_whether_the_seat_came_back(office, iiko):
    iiko.denied.add("products")
    iiko.lacking.add("columns")
    run = office.sync(Purpose.CHECK)
    assert (run.state, run.restaurants_seen) == ("done", 3)
    assert run.seat_returned_at is not None
    found = {key: kind.failure for key, kind in office.kinds(run.id).items()}
    assert found == {
        "departments": None, "stores": None, "suppliers": None, "products": "no_right", "incoming_invoices": None,
        "sales": "not_offered",
    }  # fmt: skip
    connection = office.connection
    assert (connection.server_type, connection.edition, connection.version) == ("CHAIN", "chain", "8.7.6028.0")
    assert connection.server_name == iiko.chain.name
    assert office.integration.last_connected_at is not None


def test_a_chain_without_restaurants_is_seen_as_such(office, iiko):
    iiko.chain.resize(0)
    assert office.sync(Purpose.CHECK).restaurants_seen == 0


def test_a_check_that_fails_tells_nobody_else_and_is_not_tried_again(office, iiko, superuser_sql):
    notices = "SELECT id, repetitions FROM getinn_ops.notice ORDER BY id"
    before = superuser_sql(notices)
    for _ in range(4):
        iiko.faults.plan("no_seat", on="auth")
        assert office.sync(Purpose.CHECK).failure == "no_seat"
    assert (office.connection.failures, office.connection.next_run_at) == (0, None)
    assert superuser_sql(notices) == before


def test_a_server_that_answers_browsers_alone_is_remembered(office, iiko):
    iiko.needs_browser_agent = True
    assert office.sync(Purpose.CHECK).state == "done"
    assert office.connection.needs_browser_agent is True


# A handshake that fails leaves its socket to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_that_nobody_vouches_for_is_shown_and_used_once_it_is_trusted(office, world):
    certificate = Certificate()
    with FakeIiko(tls=certificate) as iiko:
        office.connect(iiko)
        assert office.sync(Purpose.CHECK).failure == "untrusted"
        assert (office.connection.shown_certificate, office.connection.waits_for) == (
            certificate.fingerprint,
            "certificate",
        )
        with office.scope():
            db.session.get_one(IikoConnection, office.connection_id).trust(certificate.fingerprint)
        assert office.sync(Purpose.CHECK).state == "done"
        assert office.connection.waits_for is None
    with FakeIiko(tls=Certificate()) as other:
        office.connect(other)
        assert office.sync(Purpose.CHECK).failure in ("certificate_changed", "untrusted")
        assert other.calls_of("auth") == []
