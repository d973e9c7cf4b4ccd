"""The worker: any number of them, on any number of machines, over one PostgreSQL."""

import logging
from importlib import import_module

from flask import Flask

from portal.jobs.queue import connector, jobs

JOB_MODULES = ("portal.jobs.housekeeping", "portal.jobs.mail", "portal.integrations.jobs")
# LISTEN does not come back after a restart of PostgreSQL, so the queue is asked as well.
POLLING_SECONDS = 1.0
GRACE_SECONDS = 25.0

log = logging.getLogger(__name__)


def run_worker(app: Flask, concurrency: int = 4) -> None:
    """Run jobs until SIGTERM; what is in hand is finished, within 30 seconds."""
    for module in JOB_MODULES:
        import_module(module)
    with jobs.replace_connector(connector(app.config["PORTAL"].libpq_url)) as working:
        log.info("worker is running")
        working.run_worker(
            concurrency=concurrency,
            fetch_job_polling_interval=POLLING_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            additional_context={"flask": app},
            delete_jobs="successful",
        )
