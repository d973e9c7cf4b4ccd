"""``/metrics`` on a port of its own: one process of a machine answers for all, another one takes over where it ends."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from config import Config
from portal.telemetry.metrics_folder import forget_the_dead, is_alive
from portal.telemetry.queries import Figures, read_figures

log = logging.getLogger(__name__)

TAKE_OVER_SECONDS = 5.0
# However often it is asked for, the database is asked once in so many seconds.
KEPT_SECONDS = 5.0


class QueueFigures(Collector):
    """The figures of the database as they are when somebody asks."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._kept: Figures | None = None
        self._read_at = -KEPT_SECONDS

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is asked of the database at the start."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """A gauge a figure; while the database is away only that it is."""
        figures = self._figures()
        yield GaugeMetricFamily("getinn_database_up", "Whether the database answers", value=float(figures is not None))
        if figures is None:
            return
        for name, value in figures.as_dict().items():
            if value is not None:
                yield GaugeMetricFamily(f"getinn_{name}", name.replace("_", " ").capitalize(), value=value)

    def _figures(self) -> Figures | None:
        with self._lock:
            if time.monotonic() - self._read_at >= KEPT_SECONDS:
                self._kept, self._read_at = self._read(), time.monotonic()
            return self._kept

    def _read(self) -> Figures | None:
        try:
            with self._app.app_context():
                return read_figures()
        except Exception as error:
            log.warning("the figures could not be read: %s", type(error).__name__)
            return None


def serve_metrics(app: Flask, folder: Path) -> None:
    """Answer, or stand by until whoever answers has ended; returns at once."""
    threading.Thread(target=_answer, args=(app, folder), name="metrics", daemon=True).start()


def _answer(app: Flask, folder: Path) -> None:
    config: Config = app.config["PORTAL"]
    while True:
        try:
            start_http_server(config.metrics_port or 0, config.metrics_host, registry_of_machine(app, folder))
            break
        except OSError:
            time.sleep(TAKE_OVER_SECONDS)
    forget_the_dead(folder)
    while True:
        time.sleep(TAKE_OVER_SECONDS)
        forget_gauges_of_the_dead(folder)


def registry_of_machine(app: Flask, folder: Path) -> CollectorRegistry:
    """What all processes measured, and the figures."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))
    registry.register(QueueFigures(app))
    return registry


def forget_gauges_of_the_dead(folder: Path) -> None:
    """What a process had in hand when it ended is nobody's now; what it counted stays counted."""
    for kept in folder.glob("gauge_live*.db"):
        number = kept.stem.rpartition("_")[2]
        if number.isdigit() and not is_alive(int(number)):
            mark_process_dead(int(number), path=str(folder))
