"""What a process that serves does beside serving: it measures, reports faults, and writes down what it has counted."""

import threading
from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from config import Config, ConfigurationError, share_measurements
from portal.telemetry.batches import batches
from portal.telemetry.log_lines import tell_of_thread
from portal.telemetry.metrics_folder import metrics_folder
from portal.telemetry.pool import watch_pool


def begin_serving(app: Flask) -> None:
    """For web processes and workers, once they are safe to start. ``ConfigurationError`` where a package is missing."""
    config: Config = app.config["PORTAL"]
    threading.excepthook = tell_of_thread
    if config.metrics_port is not None:
        measure(app, config)
    if config.sentry_dsn is not None:
        if find_spec("sentry_sdk") is None:
            raise ConfigurationError("SENTRY_DSN is set: pip install -r requirements-sentry.txt")
        import_module("portal.telemetry.fault_reports").report_faults(config.sentry_dsn, config.environment)
    batches(app).begin()


def measure(app: Flask, config: Config) -> None:
    """Measure into the folder of this machine, and answer for it."""
    folder = metrics_folder(config)
    share_measurements(folder)
    # Not before: the library looks for the folder while it is loaded.
    prometheus = import_module("portal.telemetry.prometheus")
    app.extensions["metrics"] = prometheus.PrometheusMetrics(prometheus.CollectorRegistry())
    watch_pool(app)
    import_module("portal.telemetry.exporter").serve_metrics(app, folder)
