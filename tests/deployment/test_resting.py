"""Nothing leaves a copy of a deployment, or one that was told to rest; what was to leave waits and has not failed."""

import ast
import contextlib
import dataclasses
import socket
import threading
from uuid import uuid4

import httpx
import pytest

from config import MailServer, MediaBucket
from portal.auth.mailing import deliver_invitation
from portal.channels.webhook_health.jobs import look_after_platforms
from portal.deployment.state import deployment_state
from portal.http import gate
from portal.http.client import open_client
from portal.http.gate import DeploymentRests
from portal.http.guard import OutboundGuard
from portal.iiko.sync.jobs import run_sync
from portal.mail.smtp import MailNotSent, send
from portal.media.bucket import Bucket, BucketUnavailable
from portal.messaging.receiving.polling import Pollers, bots_to_poll
from portal.safety import refuse_unsafe
from tests.rules.source import modules

# Who opens connections to the outside, and the gate that each passes.
TRANSPORTS = {
    "portal/http/certificates.py": "pass_gate",
    "portal/http/client.py": "rests",
    "portal/mail/smtp.py": "pass_gate",
    "portal/media/bucket.py": "rests",
}
# They import what can connect, and connect through those above, or to tell what is wrong.
BESIDE = {
    "portal/doctor/outside.py": "says what is wrong; hands over nothing",
    "portal/http/deadline.py": "beneath the client",
    "portal/http/guard.py": "beneath the client",
    "portal/iiko/client/addresses.py": "reads addresses",
    "portal/iiko/client/asking.py": "by the client",
    "portal/iiko/client/exchange.py": "by the client",
    "portal/messengers/call.py": "by the client",
    "portal/development/local.py": "a developer's machine",
    "portal/development/stand_ins.py": "a developer's machine: looks for free ports",
    "portal/development/demo/coming_alive.py": "a developer's machine: stand-ins alone are asked",
    "portal/development/demo/iiko.py": "a developer's machine: the stand-in alone is asked",
}
NETWORK = {"aiohttp", "botocore", "ftplib", "http", "httpcore", "httpx", "requests", "smtplib", "socket", "urllib3"}
OUTGOING_JOBS = {
    "check_platform", "deliver_invitation", "deliver_notice", "deliver_order", "deliver_password_reset",
    "deliver_protection_note",
    "fetch_received_file", "look_after_platforms", "renew_webhook", "return_seat", "run_sync", "settle_connection",
}  # fmt: skip


@pytest.fixture
def governed(app, world):
    """The tests' app as a process of its own would be: its state governs the gate."""
    state = app.extensions["deployment_state"]
    state.forget()
    state.govern()
    yield state
    gate.govern(None)
    state.is_governing = False
    state.forget()


@pytest.fixture
def resting(governed, superuser_sql):
    """``resting()`` makes the database another deployment's; ``resting(name=None, rest=True)`` a resting one."""

    def run(name="other.example", rest=False):
        superuser_sql("UPDATE getinn_ops.deployment SET name = %s, is_resting = %s", [name, rest])
        governed.forget()

    return run


@pytest.fixture
def listener():
    """A port, and who has connected to it."""
    heard, server = [], socket.create_server(("127.0.0.1", 0))

    def accept():
        with contextlib.suppress(OSError):
            while True:
                line, address = server.accept()
                heard.append(address)
                line.close()

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1], heard
    server.close()


def imports_network(module):
    return bool({name.split(".")[0] for name in module.imported_names()} & NETWORK)


def test_whatever_can_connect_is_named_with_the_gate_that_it_passes():
    found = {module.name: module for module in modules() if imports_network(module)}
    assert set(found) == set(TRANSPORTS) | set(BESIDE)
    for name, passes in TRANSPORTS.items():
        assert passes in {called for called, _ in found[name].calls()}, name


def test_every_job_that_lets_something_leave_says_so():
    said = set()
    for module in modules():
        for function in module.functions():
            made = [each for each in function.decorator_list if isinstance(each, ast.Call)]
            if any(keyword.arg == "is_outgoing" for each in made for keyword in each.keywords):
                said.add(function.name)
    assert said == OUTGOING_JOBS


@pytest.mark.parametrize("why", [{"name": "other.example"}, {"name": None, "rest": True}], ids=["a copy", "told to"])
def test_no_transport_lets_anything_through_while_the_deployment_rests(app, resting, listener, why):
    port, heard = listener
    bucket = Bucket(MediaBucket(f"http://127.0.0.1:{port}", "files", "eu", "key", "secret"))

    def attempt():
        with app.app_context(), pytest.MonkeyPatch.context() as patch:
            mail = MailServer("127.0.0.1", port, "none", "portal@portal.example")
            patch.setitem(app.config, "PORTAL", dataclasses.replace(app.config["PORTAL"], mail=mail))
            with pytest.raises((DeploymentRests, MailNotSent)):
                send("guest@portal.example", "Hello", "Hello")
        for guard in (None, OutboundGuard(allow_loopback=True)):
            with open_client(guard) as client, pytest.raises(httpx.TransportError):
                client.get(f"http://127.0.0.1:{port}/")
        for change in (lambda: bucket.put("key", b"", "text/plain"), lambda: bucket.delete("key")):
            with pytest.raises(BucketUnavailable):
                change()

    resting(**why)
    attempt()
    assert heard == []
    resting(name="test")
    attempt()
    # A mail, two calls, and what the bucket's client tries for each of two changes.
    assert len(heard) >= 5


def test_where_the_database_cannot_tell_nothing_leaves(governed, monkeypatch):
    def away():
        raise gate.psycopg.OperationalError("away")

    monkeypatch.setattr(gate, "_asks", away)
    assert gate.rests()


def job_rows(waiting_jobs):
    return {(job.task_name, job.status, job.scheduled_at is not None) for job in waiting_jobs()}


def test_jobs_that_would_let_something_leave_are_put_off_as_they_are(
    world, resting, run_job, waiting_jobs, superuser_sql
):
    resting()
    account = str(world.pelmenya.account_id)
    run_id = str(uuid4())
    run_job(run_sync, run_id=run_id, account_id=account)
    run_job(deliver_invitation, invitation_id=str(world.pelmenya.invitation_id), account_id=account)
    assert job_rows(waiting_jobs) == {("run_sync", "todo", True), ("deliver_invitation", "todo", True)}
    [put_off] = [job for job in waiting_jobs() if job.task_name == "run_sync"]
    assert put_off.args == {"run_id": run_id, "account_id": account}


def test_webhooks_are_neither_checked_nor_claimed_for_a_check(world, resting, run_job, superuser_sql, monkeypatch):
    query = "SELECT * FROM getinn_ops.bot_connection ORDER BY id"
    checked = []
    monkeypatch.setattr("portal.channels.webhook_health.jobs.check_in_background", lambda *row: checked.append(row))
    superuser_sql("UPDATE getinn_ops.bot_connection SET due_at = timezone('utc', now()) - interval '1 hour'")
    resting()
    before = superuser_sql(query)
    run_job(look_after_platforms)
    assert superuser_sql(query) == before
    assert checked == []
    resting(name="test")
    run_job(look_after_platforms)
    assert checked


def test_no_bot_is_polled(app, world, resting, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = true WHERE platform = 'telegram'")
    with app.app_context():
        assert bots_to_poll()
    pollers = Pollers(app, threading.Event())
    resting()
    assert pollers._wanted() == set()
    resting(name="test")
    assert pollers._wanted() != set()


def test_owners_and_superusers_see_it_on_every_page_and_nobody_else(browse, world, resting):
    banner = "Nothing leaves the portal now."
    resting()
    deployment_state_of(browse).read()
    for person, sees in ((world.pelmenya.owner, True), (world.pelmenya.manager, False), (world.pelmenya.viewer, False)):
        browser = browse(person)
        for path in (browser.account(), browser.account("restaurants"), "/profile"):
            assert (banner in browser.get(path).text) is sees, (person, path)
    assert banner in browse(world.superuser).get("/accounts").text
    assert banner in browse(world.superuser, visiting=world.pelmenya).get("/accounts/pelmenya/restaurants").text
    resting(name="test")
    deployment_state_of(browse).read()
    assert banner not in browse(world.pelmenya.owner).get("/profile").text


def deployment_state_of(browse):
    with browse().app.app_context():
        return deployment_state()


def test_the_first_start_names_the_database_and_no_later_one_does(app, world, superuser_sql, monkeypatch):
    refuse_unsafe(app)
    monkeypatch.setitem(app.config, "PORTAL", dataclasses.replace(app.config["PORTAL"], deployment="a-copy"))
    refuse_unsafe(app)
    assert [row.name for row in superuser_sql("SELECT name FROM getinn_ops.deployment")] == ["test"]


def test_resting_and_releasing_by_command(app, world, governed, superuser_sql, monkeypatch):
    monkeypatch.setattr("portal.deployment.commands.FRESH_SECONDS", 0)

    def run(*arguments, **more):
        return app.test_cli_runner().invoke(args=arguments, **more)

    assert "Nothing rests" in run("release").output
    assert "Nothing leaves any more" in run("rest").output
    assert governed.rests()
    told = run("release", input="n\n")
    assert told.exit_code == 1
    assert "Waiting: " in told.output
    assert governed.rests()
    assert "Released." in run("release", "--yes").output
    governed.forget()
    assert not governed.rests()


def test_a_copy_becomes_this_deployments_own_by_its_release(app, world, resting, governed, superuser_sql):
    resting("former.example")
    told = app.test_cli_runner().invoke(args=["release", "--yes"]).output
    assert "former.example, and becomes that of test" in told
    assert [row.name for row in superuser_sql("SELECT name FROM getinn_ops.deployment")] == ["test"]
    governed.forget()
    assert not governed.rests()
