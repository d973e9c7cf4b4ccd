"""Faults as a Sentry server is told of them."""

import json
import logging

import pytest
from sentry_sdk.transport import Transport

from config import Config, ConfigurationError
from portal.telemetry.fault_reports import report_faults

SECRET = "S" * 43
SENT: list[str] = []


class Kept(Transport):
    """Sends nothing and keeps what it was to send."""

    def capture_envelope(self, envelope):
        SENT.extend(json.dumps(item.payload.json) for item in envelope.items)


@pytest.fixture
def sent(app):
    SENT.clear()
    reporter = report_faults("https://key@sentry.example/1", "test", transport=Kept)
    yield SENT
    logging.getLogger().removeHandler(reporter)


def test_a_fault_is_reported_with_its_place_and_nothing_that_was_sent(browse, world, sent, failing):
    failing("passwords.reset", ValueError(f"broken at {SECRET}"))
    browser = browse(world.pelmenya.owner)
    answer = browser.post(
        f"/password/{SECRET}?question=planted-query",
        {"password": "planted-body"},
        headers={"X-Planted": "planted-header", "User-Agent": "planted-agent"},
    )
    assert answer.status_code == 500
    [report] = sent
    read = json.loads(report)
    assert read["exception"]["values"][-1]["type"] == "ValueError"
    assert read["exception"]["values"][-1]["value"] == "broken at …"
    assert read["exception"]["values"][-1]["stacktrace"]["frames"]
    assert read["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert read["tags"]["route"] == "/password/<secret:secret>"
    session = browser.client.get_cookie("__Host-portal")
    assert session is not None
    for planted in ("planted", SECRET, session.value, world.pelmenya.owner.email, "127.0.0.1"):
        assert planted not in report
    assert not {"request", "user", "breadcrumbs", "server_name", "extra", "contexts", "modules"} & set(read)
    assert '"vars"' not in report


def test_an_error_without_an_exception_is_reported_by_its_words(sent):
    logging.getLogger("portal.some").error("message %s: %s", "7", "internal")
    logging.getLogger("portal.some").warning("no error")
    [report] = sent
    assert "message 7: internal" in report


def test_a_wrong_address_is_refused_without_being_quoted():
    with pytest.raises(ConfigurationError, match="SENTRY_DSN") as refused:
        Config.from_environment({"DATABASE_URL": "postgresql:///none", "SENTRY_DSN": "ftp://planted@nowhere"})
    assert "planted" not in str(refused.value)
