"""Without a public address the worker asks for updates: each is stored before the platform may forget it."""

import dataclasses
import json
import threading

import pytest

from portal.messaging.receiving import polling
from portal.messaging.receiving.polling import Pollers, lock_number
from portal.messengers.calls import Calls
from tests.fakes import fake_telegram
from tests.jobs.conftest import eventually


@pytest.fixture
def telegram():
    with fake_telegram() as fake:
        yield fake


@pytest.fixture
def polled_app(app, telegram, monkeypatch):
    bases = {**app.config["PORTAL"].api_bases, "telegram": telegram.base_url}
    monkeypatch.setitem(app.config, "PORTAL", dataclasses.replace(app.config["PORTAL"], api_bases=bases))
    # A question that is held open is waited for when a test ends.
    monkeypatch.setattr(polling, "LONG_POLL_SECONDS", 0.5)
    return app


@pytest.fixture
def start(polled_app):
    """``start()`` is the polling side of one more worker; all end with the test."""
    running = []

    def begin():
        stop = threading.Event()
        pollers = Pollers(polled_app, stop)
        running.append((pollers, stop))
        pollers.start()
        return pollers, stop

    yield begin
    for _, stop in running:
        stop.set()
    for pollers, _ in running:
        pollers.join(20)
        assert not pollers.is_alive()


@pytest.fixture
def hook(hook_of, world, superuser_sql):
    """Pelmenya's bot alone is switched on."""
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = false")
    return hook_of(world.pelmenya)


@pytest.fixture
def guest(telegram, hook):
    return telegram.user("7001", name="Anna", bot=telegram.bot(hook.values["token"]))


@pytest.fixture
def offset(hook, superuser_sql):
    query = "SELECT poll_offset AS place FROM getinn_ops.bot_connection WHERE credential_id = %s"
    return lambda: superuser_sql(query, [hook.credential_id])[0].place


def texts(inbox):
    return [json.loads(row.payload)["message"]["text"] for row in inbox()]


def test_what_people_write_is_stored_once_in_its_order(start, guest, inbox, offset):
    guest.says("one")
    guest.says("two")
    start()
    eventually(lambda: len(inbox()) == 2)
    guest.says("three")
    eventually(lambda: len(inbox()) == 3)
    assert texts(inbox) == ["one", "two", "three"]
    assert {row.state for row in inbox()} == {"pending"}
    newest = json.loads(inbox()[-1].payload)["update_id"]
    eventually(lambda: offset() == newest + 1)


def test_updates_and_the_place_to_go_on_from_are_stored_together(
    start, hook, guest, inbox, offset, superuser_sql, caplog
):
    superuser_sql(
        "CREATE FUNCTION getinn_ops.refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = NEW.payload; END $$;"
        " CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON getinn_ops.bot_inbound_update"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION getinn_ops.refuse()"
    )
    try:
        guest.says("kept at the platform until it is stored")
        start()
        eventually(lambda: f"polling {hook.credential_id} fails" in caplog.text)
        assert "kept at the platform" not in caplog.text
        assert offset() is None
        assert inbox() == []
    finally:
        superuser_sql("DROP FUNCTION getinn_ops.refuse() CASCADE")
    eventually(lambda: len(inbox()) == 1)


def test_two_workers_have_one_poller_and_another_takes_over(start, guest, inbox, telegram):
    first, stop = start()
    eventually(lambda: first.polled)
    second, _ = start()
    guest.says("one")
    eventually(lambda: len(inbox()) == 1)
    assert not second.polled
    stop.set()
    first.join(20)
    eventually(lambda: second.polled)
    guest.says("two")
    eventually(lambda: len(inbox()) == 2)
    assert not [call for call in telegram.calls_of("getUpdates") if call.status == 409]


def test_a_bot_that_is_switched_off_is_polled_no_more_and_again_when_on(start, guest, inbox, hook, superuser_sql):
    def switch(on):
        superuser_sql(
            "UPDATE getinn_ops.bot_platform_credential SET is_active = %s WHERE id = %s", [on, hook.credential_id]
        )

    pollers, _ = start()
    guest.says("one")
    eventually(lambda: len(inbox()) == 1)
    switch(False)
    eventually(lambda: not pollers.polled)
    guest.says("two")
    switch(True)
    eventually(lambda: len(inbox()) == 2)
    assert texts(inbox) == ["one", "two"]


def test_a_webhook_of_somebody_else_is_waited_for_and_not_fought(start, guest, inbox, hook, telegram, caplog):
    bot = telegram.bot(hook.values["token"])
    telegram.point_webhook(bot, "https://elsewhere.example/hook")
    start()
    telegram.wait_for_call("getUpdates", 2)
    assert bot.webhook.url == "https://elsewhere.example/hook"
    assert "polling_conflict" in caplog.text
    assert hook.values["token"] not in caplog.text
    bot.webhook.url = ""
    guest.says("one")
    eventually(lambda: texts(inbox)[-1:] == ["one"])


def test_a_platform_that_is_out_of_order_is_tried_again(start, guest, inbox, telegram):
    telegram.faults.fail(status=503, times=2, on="getUpdates")
    start()
    guest.says("one")
    eventually(lambda: len(inbox()) == 1)


def test_with_a_public_address_nothing_is_polled(polled_app, monkeypatch, hook, telegram):
    monkeypatch.setitem(polled_app.config, "PUBLIC_URL", "https://portal.example")
    pollers = Pollers(polled_app, threading.Event())
    pollers.start()
    pollers.join(20)
    assert not pollers.is_alive()
    assert telegram.calls_of("getUpdates") == []


def test_polling_goes_on_after_the_connections_were_lost(start, guest, inbox, superuser_sql, fresh_connections):
    pollers, _ = start()
    guest.says("one")
    eventually(lambda: len(inbox()) == 1)
    superuser_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'getinn' AND pid <> pg_backend_pid()"
    )
    guest.says("two")
    eventually(lambda: len(inbox()) == 2)
    eventually(lambda: pollers.polled)


def test_the_locks_of_bots_differ(world):
    ids = [world.pelmenya.telegram_id, world.vareniki.telegram_id, world.pelmenya.viber_id]
    assert len({lock_number(each) for each in ids}) == 3
    assert all(-(2**63) <= lock_number(each) < 2**63 for each in ids)


def test_a_failure_that_lasts_is_one_line_and_its_end_another(polled_app, telegram, hook, guest, caplog, monkeypatch):
    monkeypatch.setattr(polling, "wait_after", lambda failures: 0.01)
    caplog.set_level("INFO", logger=polling.__name__)
    telegram.faults.fail(times=4, status=502)
    calls = Calls.configured(polled_app.config["PORTAL"])
    poller = polling.Poller(polled_app, hook.credential_id, calls)
    poller.start()
    eventually(lambda: len(telegram.calls_of("getUpdates")) >= 6)
    poller.end()
    poller.join(10)
    calls.close()
    told = [record.getMessage() for record in caplog.records if record.name == polling.__name__]
    assert told == [f"polling {hook.credential_id} fails: platform_down", f"polling {hook.credential_id} works again"]
