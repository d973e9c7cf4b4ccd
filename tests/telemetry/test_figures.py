"""How the queues stand: on the command line, for a monitor, and when somebody is called."""

import json
import os
import re
import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from portal.messaging.presence import LOCK_CLASS
from portal.telemetry.alarms import ALARMS, alarming
from portal.telemetry.exporter import QueueFigures
from portal.telemetry.metrics_folder import forget_the_dead
from portal.telemetry.prometheus import PrometheusMetrics
from portal.telemetry.queries import Figures, read_figures
from tests.messaging.receiving.conftest import connect_platform, deliver, hook_of
from tests.rules.source import ROOT

__all__ = ["connect_platform", "deliver", "hook_of"]
QUIET = Figures(0, 0.0, 0, 0.0, 0, 0, 0, 0, 1, 1.0, 0, 0.0)


@pytest.fixture
def measured(app, monkeypatch):
    """What was measured since, as Prometheus reads it."""
    registry = CollectorRegistry()
    monkeypatch.setitem(app.extensions, "metrics", PrometheusMetrics(registry))
    return lambda: generate_latest(registry).decode()


@pytest.fixture
def run(app, world):
    return lambda *arguments: app.test_cli_runner().invoke(args=["status", *arguments])


@pytest.fixture
def worker(database, world):
    """A worker that is there and runs jobs."""
    database.sql("INSERT INTO getinn_ops_jobs.procrastinate_workers DEFAULT VALUES")
    database.sql("SELECT pg_advisory_lock(%s, 1)", [LOCK_CLASS])
    yield
    database.sql("SELECT pg_advisory_unlock(%s, 1)", [LOCK_CLASS])


def test_the_figures_are_of_all_chains(app, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_inbound_update SET state = 'pending', created_at = created_at - interval '1 h'"
    )
    superuser_sql("UPDATE getinn_ops.bot_message SET state = 'failed'")
    [held] = superuser_sql(
        "SELECT (SELECT count(*) FROM getinn_ops.bot_inbound_update) AS updates,"
        " (SELECT count(*) FROM getinn_ops.bot_message) AS messages"
    )
    with app.app_context():
        figures = read_figures()
    assert (figures.inbound_waiting, figures.dead_messages) == (held.updates, held.messages)
    assert held.updates > 1
    assert figures.inbound_oldest_seconds >= 3600


def test_what_waits_for_a_bot_that_is_off_is_no_delay(app, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET state = 'queued', due_at = timezone('utc', now()) - interval '1 hour'"
    )
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = true")
    superuser_sql("UPDATE getinn_ops.bot_connection SET paused_until = NULL")
    with app.app_context():
        assert read_figures().outbound_oldest_seconds >= 3600
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = false")
    with app.app_context():
        assert read_figures().outbound_waiting == 0


def test_without_a_worker_the_status_is_alarming_and_says_so(run):
    result = run("--json")
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert "No worker is there." in told["alarms"]
    assert told["figures"]["workers"] == 0


def test_a_quiet_installation_is_not_alarming(run, worker, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.bot_inbound_update; DELETE FROM getinn_ops.bot_message")
    superuser_sql("DELETE FROM getinn_ops.mail_delivery")
    result = run()
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "Nothing is alarming.")
    assert re.search(r"^workers +1$", result.output, re.MULTILINE)


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.figure)
def test_every_alarm_rings_above_its_limit_and_not_at_it(alarm):
    values = {name: getattr(QUIET, name) for name in QUIET.as_dict()}
    assert list(alarming(Figures(**values | {alarm.figure: alarm.limit}))) == []
    [told] = alarming(Figures(**values | {alarm.figure: alarm.limit + 1}))
    assert f"{alarm.limit + 1:.0f}" in told


def test_the_documented_alarms_are_those_that_ring():
    text = (ROOT / "docs/operate.md").read_text()
    documented = re.findall(r"^\| `getinn_(\w+)` \| above ([\d ]+) \|", text, re.MULTILINE)
    assert {(name, int(limit.replace(" ", ""))) for name, limit in documented} == {
        (alarm.figure, alarm.limit) for alarm in ALARMS
    }


def test_requests_are_measured_by_rule_and_class_of_status(browse, world, measured):
    owner = browse(world.pelmenya.owner)
    owner.get(owner.account("restaurants"))
    for path in ("/nowhere", "/nowhere/else", "/x%0aFORGED", "/invitation/" + "S" * 43):
        browse().get(path)
    told = measured()
    rule = "/accounts/<slug:account_slug>/restaurants"
    assert f'getinn_request_seconds_count{{route="{rule}",status="2xx"}} 1.0' in told
    assert 'getinn_request_seconds_count{route="-",status="4xx"} 3.0' in told
    assert "FORGED" not in told
    assert "SSSS" not in told


def test_deliveries_and_attacks_are_counted_by_outcome(app, world, hook_of, deliver, measured):
    hook = hook_of(world.pelmenya, "telegram")
    deliver(hook, hook.message(1))
    deliver(hook, hook.message(2), {"X-Telegram-Bot-Api-Secret-Token": "x" * 43})
    deliver(hook, b"{")
    told = measured()
    for outcome in ("stored", "forged", "malformed"):
        assert f'getinn_webhook_deliveries_total{{outcome="{outcome}",platform="telegram"}} 1.0' in told
    assert 'getinn_attacks_total{kind="webhook_forged"} 1.0' in told


def test_without_a_port_nothing_is_measured_and_the_library_is_not_even_loaded():
    code = "import sys, portal; portal.create_app(portal.Config(database_url='postgresql+psycopg://nobody@none/none'))"
    loaded = subprocess.run(
        [sys.executable, "-c", code + "; print('prometheus_client' in sys.modules, 'sentry_sdk' in sys.modules)"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    assert loaded.stdout.strip() == "False False"


def test_a_database_that_is_away_is_told_as_a_figure(app, monkeypatch):
    def away():
        raise OSError

    monkeypatch.setattr("portal.telemetry.exporter.read_figures", away)
    assert [(each.name, each.samples[0].value) for each in QueueFigures(app).collect()] == [("getinn_database_up", 0.0)]


def test_the_database_is_asked_once_in_a_few_seconds_however_often_somebody_asks(app, database, statements):
    figures = QueueFigures(app)
    with statements() as counted:
        list(figures.collect())
        first = counted.total
        list(figures.collect())
    assert first > 0
    assert counted.total == first


def test_what_dead_processes_left_is_removed_and_what_living_ones_count_is_kept(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for number in (ended.pid, os.getpid()):
        (tmp_path / f"counter_{number}.db").touch()
    forget_the_dead(tmp_path)
    assert [kept.name for kept in tmp_path.iterdir()] == [f"counter_{os.getpid()}.db"]
