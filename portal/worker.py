"""The worker: any number of them, on any number of machines, over one PostgreSQL.

Procrastinate runs the jobs, threads beside it move the bots' conversations (decision 008).
"""

import asyncio
import logging
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from flask import Flask
from procrastinate import App

from portal.jobs.ending import begin_to_end
from portal.jobs.queue import QUEUES, connector, jobs, turns
from portal.messaging.backoff import wait_after
from portal.messaging.worker import MessagingWorker

JOB_MODULES = (
    "portal.channels.webhook_health.jobs",
    "portal.messaging.receiving.jobs",
    "portal.media.jobs",
    "portal.messaging.receiving.files",
    "portal.onboarding.intake.jobs",
    "portal.onboarding.bringing_along",
    "portal.conversations.version_migration",
    "portal.iiko.seats.sweep",
    "portal.invoices.files.working",
    "portal.housekeeping",
    "portal.auth.mailing",
    "portal.auth.password_changes",
    "portal.notices.jobs",
    "portal.invoices.jobs",
    "portal.reconciliations.jobs",
    "portal.privacy.jobs",
    "portal.privacy.erased_files",
    "portal.onboarding.messages.jobs",
    "portal.onboarding.messages.reminding",
    "portal.onboarding.paper_reminders",
    "portal.invoices.telling",
    "portal.purchase_orders.mailing",
    "portal.purchase_orders.telling",
    "portal.inventory.telling",
    "portal.iiko.kinds",
    "portal.iiko.sync.jobs",
    "portal.iiko.sync.rounds",
)
# LISTEN does not come back after a restart of PostgreSQL, so the queue is asked as well.
POLLING_SECONDS = 1.0
GRACE_SECONDS = 25.0
# For what the loop itself hands to threads.
SPARE_THREADS = 2
# Whatever hangs by then is left to other workers.
LAST_SECONDS = 29.0

log = logging.getLogger(__name__)


def run_worker(app: Flask, concurrency: int = 4) -> None:
    """Work until SIGTERM; what is in hand is finished, within 30 seconds."""
    for module in JOB_MODULES:
        import_module(module)
    messaging_worker = MessagingWorker(app)
    messaging_worker.start()
    asyncio.run(_run(app, concurrency, messaging_worker))
    log.info("worker has ended")


async def _run(app: Flask, concurrency: int, messaging_worker: MessagingWorker) -> None:
    """Both halves, until a signal; each is told at once."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _begin_to_end, told)
    log.info("worker is running")
    queue = asyncio.create_task(_keep_running_jobs(app, concurrency, told))
    await told.wait()
    await asyncio.to_thread(messaging_worker.finish, GRACE_SECONDS)
    await queue


def _begin_to_end(told: asyncio.Event) -> None:
    if not told.is_set():
        told.set()
        begin_to_end()
        deadline = threading.Timer(LAST_SECONDS, os._exit, [1])
        deadline.daemon = True
        deadline.start()


async def _keep_running_jobs(app: Flask, concurrency: int, told: asyncio.Event) -> None:
    """Procrastinate ends when the database goes away; it is started again until the worker is told to end."""
    failures = 0
    while not told.is_set():
        running = asyncio.create_task(_run_jobs(app, concurrency))
        ending = asyncio.create_task(told.wait())
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not running.done():
            # Cancelling asks it to finish what is in hand.
            running.cancel()
        results = await asyncio.gather(running, return_exceptions=True)
        if told.is_set():
            return
        failures += 1
        log.warning("the job queue ended: %s", type(results[0]).__name__)
        await _pause(told, wait_after(failures, first=0.2, longest=2.0))


async def _run_jobs(app: Flask, concurrency: int) -> None:
    sizes = QUEUES | {"default": concurrency}
    turns.sizes = sizes
    # Jobs run in threads: with fewer than there are places one queue would wait for another's after all.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sum(sizes.values()) + SPARE_THREADS, "job"))
    with jobs.replace_connector(connector(app.config["PORTAL"].libpq_url)) as working:
        async with working.open_async(), asyncio.TaskGroup() as group:
            for name, size in sizes.items():
                group.create_task(_run_queue(working, app, name, size))


async def _run_queue(working: App, app: Flask, name: str, size: int) -> None:
    await working.run_worker_async(
        queues=[name],
        concurrency=size,
        fetch_job_polling_interval=POLLING_SECONDS,
        shutdown_graceful_timeout=GRACE_SECONDS,
        additional_context={"flask": app},
        delete_jobs="successful",
        install_signal_handlers=False,
    )


async def _pause(told: asyncio.Event, seconds: float) -> None:
    ending = asyncio.create_task(told.wait())
    await asyncio.wait({ending}, timeout=seconds)
    ending.cancel()
