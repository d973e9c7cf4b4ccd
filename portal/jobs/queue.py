"""The queue: jobs are rows written in the transaction of the change that asks for them."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.manager import JobManager
from procrastinate.tasks import Task
from procrastinate.types import TimeDeltaParams

from portal.db.base import JOBS_SCHEMA, db
from portal.db.connecting import startup_options
from portal.db.cursor import connection
from portal.http.gate import rests
from portal.jobs.turns import TakingTurns
from portal.jobs.waiting import renew_waiting
from portal.telemetry.context import log_context

jobs = App(connector=PsycopgConnector())
turns = TakingTurns(jobs.connector)
jobs.job_manager = turns
# Jobs are asked for over the connection of the change. The worker opens the app's own connector, which is
# asynchronous, and that one would not take such a connection; this one is never opened.
_deferring = JobManager(PsycopgConnector())

# Each queue has places of its own, so that none waits for another's work (decision 019): a messenger or an address that
# hangs holds up calls to the outside, or files, and never a mail. In each the accounts take turns.
QUEUES = {"default": 4, "mail": 2, "outside": 4, "files": 4, "iiko": 2}

# Four more tries, after 10 s, 100 s, … with what a sending to the outside may run into.
OUTSIDE_RETRIES = RetryStrategy(max_attempts=4, exponential_wait=10)

# When a job is looked at again that waits for the deployment's release.
RESTING_SECONDS = 60

# How long the worker waits for a connection: while the database is away it must be able to end.
CONNECTION_SECONDS = 5.0


class Job:
    """A function that the worker runs in an application context, committing when it returns.

    Its arguments are row ids, never secrets: they stand in the queue's tables and logs.
    """

    def __init__(
        self,
        function: Callable[..., None],
        retry: RetryStrategy | None,
        cron: str | None,
        queue: str,
        once_by: tuple[str, ...],
        *,
        is_outgoing: bool,
    ) -> None:
        self.function, self.cron, self.once_by, self.is_outgoing = function, cron, once_by, is_outgoing
        make = jobs.task(name=function.__qualname__, pass_context=True, retry=retry or False, queue=queue)
        task: Task[Any, Any, Any] = make(_in_context(self._run, function))
        self.task = jobs.periodic(cron=cron)(task) if cron else task

    def _run(self, **arguments: str) -> None:
        """The work; what would leave a deployment that rests is put off as it is, or comes with the next tick."""
        if not (self.is_outgoing and rests()):
            self.function(**arguments)
        elif self.cron is None:
            self.queue(in_seconds=RESTING_SECONDS, **arguments)

    def queue(self, *, in_seconds: int = 0, **arguments: str) -> bool:
        """Ask for the job: it exists when the present transaction commits, and not before.

        False where a like one waits already, which then goes by these arguments and is due as this one would be.
        """
        if self.once_by and renew_waiting(connection(), self.task, self.once_by, arguments, in_seconds):
            return False
        later: TimeDeltaParams | None = {"seconds": in_seconds} if in_seconds else None
        deferrer = self.task.configure(connection=connection(), schedule_in=later)
        deferrer.job_manager = _deferring
        deferrer.defer(**arguments)
        return True


def job(
    *,
    retry: RetryStrategy | None = None,
    cron: str | None = None,
    queue: str = "default",
    once_by: tuple[str, ...] = (),
    is_outgoing: bool = False,
) -> Callable[[Callable[..., None]], Job]:
    """Make a function a job; with ``cron`` (UTC) it runs by itself and takes no arguments.

    ``queue`` is one of ``QUEUES``: those of one never wait for those of another. ``account_id`` among the arguments is
    whose turn it is. At most one job of the same account and the same arguments ``once_by`` waits, however often a
    button is pressed: one is enough, and one more may run. ``is_outgoing`` says that something leaves: while the
    deployment rests such jobs wait.
    """

    def make(function: Callable[..., None]) -> Job:
        return Job(function, retry, cron, queue, once_by, is_outgoing=is_outgoing)

    return make


def _in_context(run_job: Callable[..., None], function: Callable[..., None]) -> Callable[..., None]:
    def run(context: JobContext, timestamp: int = 0, **arguments: Any) -> None:
        flask_app: Flask = context.additional_context["flask"]
        # A context of its own: the command's would be shared, and with it session and account, by all jobs at once.
        told = {"job": function.__qualname__, "job_id": context.job.id, "account_id": arguments.get("account_id")}
        address = _own_address(flask_app)
        with flask_app.app_context(), flask_app.test_request_context(base_url=address), log_context(**told):
            run_job(**arguments)
            db.session.commit()

    run.__doc__ = function.__doc__
    return run


def _own_address(app: Flask) -> str:
    """The portal's address for links written without a request; it must be among the trusted ones."""
    trusted: list[str] = app.config["TRUSTED_HOSTS"] or []
    return app.config["PUBLIC_URL"] or (f"https://{trusted[0].lstrip('.')}" if trusted else "http://localhost")


def connector(database_url: str) -> PsycopgConnector:
    """The worker's own connections, looking at the queue's schema."""
    options = startup_options(database_url, {"TimeZone": "UTC", "search_path": f"{JOBS_SCHEMA},public"})
    return PsycopgConnector(conninfo=database_url, kwargs={"options": options}, timeout=CONNECTION_SECONDS)
