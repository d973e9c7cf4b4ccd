"""Receipts have a thread of their own: whoever writes is answered, however long receipts take."""

import threading
from types import SimpleNamespace

import pytest

from portal.messaging.receiving import receipts
from portal.messaging.receiving.receipts import GATHER_SECONDS, REST, ReceiptTaker
from portal.messaging.worker import MessagingWorker
from tests.jobs.conftest import eventually
from tests.messaging.conftest import S

CHAT = "1001"
DELIVERED = {"status": {"id": "wamid.old", "status": "delivered", "timestamp": "1760000000", "recipient_id": "7001"}}
WAITING = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'getinn-portal' AND wait_event_type = 'Lock'"


@pytest.fixture
def told_of(traffic, switch_on, superuser_sql):
    """A message of long ago that a receipt tells of; its id."""
    credential_id, row_id = switch_on("whatsapp"), traffic.chain.id_of("bot_message", 1)
    superuser_sql(
        f"UPDATE {S}.bot_message SET credential_id = %s, platform_message_id = 'wamid.old' WHERE id = %s",
        [credential_id, row_id],
    )
    traffic.receives("receipt", DELIVERED, credential_id=credential_id)
    return row_id


@pytest.fixture
def worker(app, messenger):
    """All threads of a worker, in this process."""
    worker = MessagingWorker(app)
    worker.start()
    yield worker
    worker.finish(30)


def test_a_guest_is_answered_while_a_receipt_waits_for_its_row(app, traffic, messenger, told_of, connect, request):
    def state():
        return traffic.sql(f"SELECT state FROM {S}.bot_message WHERE id = %s", [told_of])[0].state

    with connect(role="postgres") as holder, holder.transaction():
        holder.execute(f"SELECT 1 FROM {S}.bot_message WHERE id = %s FOR UPDATE", [told_of])
        request.getfixturevalue("worker")
        eventually(lambda: traffic.sql(WAITING))
        traffic.says(CHAT, "hello")
        eventually(lambda: messenger.said_to(CHAT) == ["zqpelmenya hello"])
        assert traffic.sql(WAITING)
        assert state() == "sent"
    eventually(lambda: state() == "delivered")


def test_no_look_for_people_sees_a_receipt(traffic, told_of):
    traffic.says(CHAT, "hello")
    assert [found.chat.chat_id for found in traffic.look_around().chats] == [CHAT]
    while found := traffic.look_around().chats:
        assert [traffic.processor.advance(each.chat).value for each in found] == ["applied"]
    assert [row.state for row in traffic.updates() if row.kind == "receipt"] == ["pending"]


class Stop(threading.Event):
    """Notes how long was rested, and rests not at all."""

    def __init__(self):
        super().__init__()
        self.rested = []

    def wait(self, timeout=None):
        self.rested.append(timeout)
        return False


@pytest.mark.parametrize("people_wait", [True, False])
def test_while_people_wait_receipts_rest_longer_than_they_work(app, traffic, told_of, world, monkeypatch, people_wait):
    rival = world.vareniki
    of_rival = {"account_id": rival.account_id, "bot_id": rival.bot_id, "credential_id": rival.telegram_id}
    traffic.receives("receipt", {}, **of_rival)
    clock = iter((10.0, 12.0, 20.0, 21.0) if people_wait else (10.0, 20.0))
    monkeypatch.setattr(receipts, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    stop, taken = Stop(), []
    monkeypatch.setattr(receipts, "take_receipts", lambda app, account_id, ids: taken.append((account_id, len(ids))))
    taker = ReceiptTaker(app, lambda: people_wait, lambda: None)
    taker.wake.set()
    taker._step(stop)
    assert sorted(taken) == sorted([(traffic.chain.account_id, 1), (rival.account_id, 1)])
    assert stop.rested == ([REST * 2.0, REST * 1.0] if people_wait else []) + [GATHER_SECONDS]
