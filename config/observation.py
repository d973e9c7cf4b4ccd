"""What the process tells of itself: log lines, measurements, reports of faults."""

import os
import re
from pathlib import Path
from typing import Literal

from config.environment import ConfigurationError, EnvironmentReader

LogFormat = Literal["json", "text"]


def read_log_format(source: EnvironmentReader, *, is_text_usual: bool) -> LogFormat:
    """An object of JSON a line; on a developer's machine text."""
    usual: LogFormat = "text" if is_text_usual else "json"
    return source.checked(lambda reader: _log_format(reader, usual), usual)


def _log_format(source: EnvironmentReader, usual: LogFormat) -> LogFormat:
    match (source.text("LOG_FORMAT") or usual).lower():
        case "json":
            return "json"
        case "text":
            return "text"
        case other:
            raise ConfigurationError(f"LOG_FORMAT must be json or text, not {other!r}.")


def read_metrics_host(source: EnvironmentReader) -> str:
    """Where the measurements are to be had: this machine alone, unless another address is chosen."""
    value = source.text("METRICS_HOST") or "127.0.0.1"
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", value):
        raise ConfigurationError(f"METRICS_HOST must be an address of this machine, not {value!r}.")
    return value


def read_sentry_dsn(source: EnvironmentReader) -> str | None:
    """Where faults are reported."""
    value = source.text("SENTRY_DSN")
    # The value itself stays out of the message: it carries a key.
    if value is not None and not re.fullmatch(r"https?://[^\s@/]+@[^\s@/]+(/[^\s]*)?/[0-9]+", value):
        raise ConfigurationError("SENTRY_DSN must be like https://key@sentry.example/1.")
    return value


def share_measurements(folder: Path) -> None:
    """Have the metrics' library keep its figures where all processes of this machine do; before it is loaded."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
