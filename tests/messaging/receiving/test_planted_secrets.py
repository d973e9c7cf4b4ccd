"""Secrets planted in credentials stay where they are sealed: a whole pass, then a search of all that was left behind.

``STEPS`` is the pass. Whoever adds a way in which credentials are used adds a step; the search stays the same.
"""

import csv
import dataclasses
import io
import json
import logging
import traceback
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from portal.channels.webhook_health.jobs import check_platform
from portal.db.base import JOBS_SCHEMA, SCHEMA
from portal.messaging.events import OutgoingMessage, TextSpan
from portal.messaging.receiving.polling import Poller
from portal.messengers.calls import Calls
from portal.messengers.errors import SendFailed
from portal.messengers.registry import PLATFORMS
from portal.telemetry.log_lines import JsonLines
from tests.fakes import FAKES
from tests.jobs.conftest import run_job

__all__ = ["run_job"]
PAGES = ("bots/{bot}", "bots/{bot}/dialogs", "bots/{bot}/dialogs/export", "bots/export", "audit", "audit/export", "")


class Pass:
    """What the steps work with, and everything they leave that is no row."""

    def __init__(self, hooks, **tools):
        self.hooks, self.left = hooks, []
        self.__dict__.update(tools)

    @property
    def secrets(self):
        """Every planted text, and the ways in which it may be spelled."""
        planted = {value for hook in self.hooks for name, value in hook.values.items() if name not in PUBLIC}
        planted |= {proof for hook in self.hooks for proof in hook.proof(b"{}").values()}
        planted |= {value.partition(":")[2] for value in planted if ":" in value}
        return {spelling for value in planted for spelling in (value, quote(value, safe=""), repr(value)[1:-1])}

    def leave(self, told, text):
        """Note something that could be read by somebody."""
        self.left.append((told, str(text)))


PUBLIC = {"phone_number_id", "sender_name", "business_account_id"}


def deliveries(way):
    for hook in way.hooks:
        body = hook.message(1)
        wrong = {name: value[:-1] for name, value in hook.headers(body).items()}
        for sent, headers in ((body, None), (body, wrong), (b"{", None), (b"[1]", None)):
            answer = way.deliver(hook, sent, headers)
            way.leave("an answer", f"{answer.status} {answer.headers} {answer.text}")
        answer = way.client.get(hook.path, query_string={"hub.mode": "subscribe", "hub.verify_token": "x"})
        way.leave("an answer", answer.text)


def failing_sends(way):
    outgoing = OutgoingMessage((TextSpan("hello"),))
    for hook in way.hooks:
        fake, adapter = way.fakes[hook.platform], PLATFORMS[hook.platform]
        chat = {"telegram": "7001", "whatsapp": "79990007001", "viber": "viber-person-7001=="}[hook.platform]
        for spoil in (
            lambda faults: faults.fail(status=500, times=1),
            lambda faults: faults.cut(times=1),
            lambda faults: faults.throttle(retry_after=1, times=1),
            lambda faults: None,
        ):
            spoil(fake.faults)
            call = way.calls.of(adapter, hook.values)
            way.leave("a call", repr(call))
            try:
                adapter.outbound.send(call, chat, outgoing, None, "7a4e0b00-0001-4000-8000-000000000001")
            except SendFailed as error:
                told = "".join(traceback.format_exception(error))
                way.leave("an error", f"{error!r} {error} {error.code} {error.detail} {told}")
            fake.faults.clear()


def checks(way):
    for hook in way.hooks:
        for spoil in (lambda fake: None, lambda fake: fake.faults.fail(status=500), lambda fake: fake.faults.cut()):
            spoil(way.fakes[hook.platform])
            way.run_job(check_platform, credential_id=str(hook.credential_id), account_id=str(way.chain.account_id))
            way.fakes[hook.platform].faults.clear()


def polling(way):
    hook = way.hooks[0]
    way.fakes["telegram"].faults.fail(status=500, times=1)
    poller = Poller(way.app, hook.credential_id, way.calls)
    try:
        poller._poll()
    except SendFailed as error:
        way.leave("an error", "".join(traceback.format_exception(error)))
    way.leave("a thread", repr(poller))


def pages(way):
    owner = way.browse(way.chain.owner)
    for path in PAGES:
        answer = owner.get(owner.account(path.format(bot=way.chain.bot_id)))
        assert answer.status_code == 200, path
        way.leave(path, answer.text)
    for hook in way.hooks:
        answer = owner.get(owner.account(f"bots/{way.chain.bot_id}/platforms/{hook.platform}"))
        assert answer.status_code == 200
        way.leave("a platform's page", answer.text)


STEPS = (deliveries, failing_sends, checks, polling, pages)


@pytest.fixture
def way(app, world, hook_of, deliver, browse, run_job, monkeypatch):
    fakes = {key: make() for key, make in FAKES.items()}
    for fake in fakes.values():
        fake.start()
    config = dataclasses.replace(app.config["PORTAL"], api_bases={key: fake.base_url for key, fake in fakes.items()})
    monkeypatch.setitem(app.config, "PORTAL", config)
    tools = SimpleNamespace(app=app, chain=world.pelmenya, deliver=deliver, browse=browse, run_job=run_job)
    hooks = [hook_of(world.pelmenya, platform) for platform in PLATFORMS]
    with Calls.configured(config) as calls:
        yield Pass(hooks, fakes=fakes, calls=calls, client=app.test_client(), **vars(tools))
    for fake in fakes.values():
        fake.stop()


def test_no_planted_secret_is_anywhere_but_sealed(way, database, caplog):
    caplog.set_level(logging.DEBUG)
    for step in STEPS:
        step(way)
    formatter = JsonLines()
    records = [record for record in caplog.records if not record.name.startswith(("tests.", "werkzeug"))]
    for record in records:
        way.leave(f"a log line of {record.name}", f"{formatter.format(record)} {record.args!r}")
    for table in (*(f'{SCHEMA}."{name}"' for name in database.tables()), *jobs_tables(database)):
        for row in database.sql(f"SELECT t::text AS told FROM {table} t"):
            way.leave(f"a row of {table}", row.told)
    assert len(way.left) > 100
    found = {(told, secret) for told, text in way.left for secret in way.secrets if secret in text}
    assert found == set()


def jobs_tables(database):
    return [f'{JOBS_SCHEMA}."{name}"' for name in database.tables(JOBS_SCHEMA)]


def test_the_search_would_find_what_it_looks_for(way):
    """A secret in any of its spellings, in a row, a line or a file."""
    token = way.hooks[0].values["token"]
    sheet = io.StringIO()
    csv.writer(sheet).writerow(["a", token])
    for text in (f"GET /bot{token}/getMe", f"/bot{quote(token, safe='')}/", json.dumps({"t": token}), sheet.getvalue()):
        assert any(secret in text for secret in way.secrets)
