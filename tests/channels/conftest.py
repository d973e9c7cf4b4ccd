"""What tests of the switch share: a stand-in of one messenger, jobs run as the worker runs them, rows as they stand."""

import pytest

from portal.channels.webhook_health.jobs import check_platform, look_after_platforms, settle_connection
from portal.messengers.calls import Calls
from tests.fakes.telegram import FakeTelegram
from tests.jobs.conftest import run_job, waiting_jobs  # noqa: F401

PUBLIC_URL = "https://portal.example"
JOBS = {job.task.name: job for job in (settle_connection, check_platform, look_after_platforms)}


@pytest.fixture
def fake(app, monkeypatch):
    """A messenger that the portal speaks to, and a public address."""
    monkeypatch.setitem(app.config, "PUBLIC_URL", PUBLIC_URL)
    with FakeTelegram(webhook_interval=0) as running, Calls({"telegram": running.base_url}) as calls:
        monkeypatch.setitem(app.extensions, "platform_calls", calls)
        yield running


@pytest.fixture
def bot(fake, world):
    """The cast's bot, as the messenger knows it."""
    return fake.bot(world.pelmenya.secrets[0])


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


class Office:
    """The platform of the cast's bot: what the owner does, what the worker does, and what came of it."""

    def __init__(self, owner, world, sql, run, waiting):
        self.owner, self.chain, self.sql = owner, world.pelmenya, sql
        self._run, self._waiting = run, waiting

    def url(self, path=""):
        return self.owner.account(f"bots/{self.chain.bot_id}/platforms/telegram{path}")

    def press(self, path, method="POST", **data):
        answer = self.owner.post(self.url(path), data | {"_method": method})
        assert answer.status_code == 303, answer.text
        return self.owner.get(self.url()).text

    def page(self, query=""):
        return self.owner.get(self.url(query)).text

    def work(self):
        """Run every job of ours that waits, once."""
        for row in self._waiting():
            if row.task_name in JOBS and row.status == "todo":
                self.sql("SET search_path TO getinn_ops_jobs, public")
                self.sql("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [row.id])
                self.sql("RESET search_path")
                self._run(JOBS[row.task_name], **row.args)

    def look_after(self):
        """A round of the doctor."""
        self._run(look_after_platforms)

    def make_due(self):
        self.sql("UPDATE getinn_ops.bot_connection SET due_at = now() - interval '1 hour' WHERE due_at IS NOT NULL")

    def visit(self):
        """A round of the doctor, whose time has come for everybody."""
        self.make_due()
        self.look_after()

    @property
    def connection(self):
        return self.sql("SELECT * FROM getinn_ops.bot_connection WHERE credential_id = %s", [self.chain.telegram_id])[0]

    @property
    def credential(self):
        return self.sql("SELECT * FROM getinn_ops.bot_platform_credential WHERE id = %s", [self.chain.telegram_id])[0]

    @property
    def timeline(self):
        """(occasion, cause, action, result) from the oldest on; the cast's own line left out."""
        rows = self.sql(
            "SELECT * FROM getinn_ops.bot_platform_event WHERE credential_id = %s AND id <> %s ORDER BY at",
            [self.chain.telegram_id, self.chain.id_of("bot_platform_event")],
        )
        return [(row.occasion, row.cause, row.action, row.result) for row in rows]

    @property
    def address(self):
        return f"{PUBLIC_URL}/hooks/telegram/{self.chain.telegram_id}"

    def switch_off_and_on(self):
        self.press("/activation", "DELETE")
        self.press("/activation")
        self.work()


@pytest.fixture
def office(owner, world, superuser_sql, run_job, waiting_jobs, fake):  # noqa: F811
    return Office(owner, world, superuser_sql, run_job, waiting_jobs)
