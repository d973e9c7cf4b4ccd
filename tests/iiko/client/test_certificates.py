"""TLS at iiko's servers: never without it, and a certificate that signs itself only where an owner pinned it."""

import pytest

from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.client import IikoClient, Server
from tests.fakes.iiko import FakeIiko
from tests.fakes.iiko.certificate import Certificate
from tests.iiko.client.conftest import GUARD


@pytest.fixture(scope="module")
def iiko():
    with FakeIiko(tls=Certificate()) as running:
        yield running


def client(iiko, **options):
    return IikoClient(Server(options.pop("url", iiko.base_url), iiko.login, iiko.password, **options), guard=GUARD)


def test_a_certificate_that_nobody_vouches_for_is_shown_and_nothing_is_sent(iiko):
    before, untrusting = len(iiko.calls), client(iiko)
    with pytest.raises(IikoFailure) as caught:
        untrusting.log_in()
    assert (caught.value.outcome, caught.value.may_hold_seat) == (Outcome.UNTRUSTED, False)
    assert caught.value.details == {"fingerprint": iiko.tls.fingerprint}
    assert untrusting.shown_certificate == iiko.tls.fingerprint
    assert len(iiko.calls) == before


def test_a_pinned_certificate_is_trusted(iiko):
    trusting = client(iiko, pinned_certificate=iiko.tls.fingerprint)
    assert trusting.log_out(trusting.log_in()) is Outcome.RETURNED
    assert trusting.shown_certificate is None


def test_another_certificate_than_the_pinned_one_stops_everything_and_is_shown(iiko):
    before, other = len(iiko.calls), client(iiko, pinned_certificate=Certificate().fingerprint)
    with pytest.raises(IikoFailure) as caught:
        other.server_info()
    assert caught.value.outcome is Outcome.CERTIFICATE_CHANGED
    assert other.shown_certificate == iiko.tls.fingerprint
    assert other.log_out("0123-abcd") is Outcome.CERTIFICATE_CHANGED
    assert len(iiko.calls) == before


def test_a_server_that_speaks_no_tls_at_its_port_is_explained(iiko):
    with FakeIiko() as without:
        with pytest.raises(IikoFailure) as caught:
            client(without, url=without.base_url.replace("http:", "https:")).server_info()
        assert without.calls == []
    assert caught.value.outcome is Outcome.PLAIN_HTTP
