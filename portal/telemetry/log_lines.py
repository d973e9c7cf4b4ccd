"""The form of log lines: an object of JSON each, or text on a developer's machine."""

import json
import logging
import re
import threading
from datetime import UTC, datetime

from config import Config
from portal.telemetry.context import current_fields, without_secrets

# Their lines say little, or quote addresses: the HTTP client writes one for each call.
CHATTY = ("procrastinate", "alembic.runtime.plugins", "httpx", "portal.db.pool")
MAX_MESSAGE, MAX_TRACEBACK = 4_000, 20_000
# Whatever could begin a line or move a terminal's cursor.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

log = logging.getLogger(__name__)


class JsonLines(logging.Formatter):
    """One object a line, in letters of ASCII alone: nothing that is logged can begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {"time": moment(record), "level": record.levelname, "logger": record.name}
        line |= {"message": message(record), **current_fields(), **record.__dict__.get("fields", {})}
        if record.exc_info:
            line["traceback"] = traceback(self, record)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    """For people who look on: time, level, message, and what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        """A line, and those of a traceback moved in."""
        fields = {**current_fields(), **record.__dict__.get("fields", {})}
        told = "".join(f" {name}={value}" for name, value in fields.items() if value is not None)
        line = f"{moment(record)[11:19]} {record.levelname} {record.name}: {message(record)}{told}"
        line = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", line)
        if record.exc_info:
            line += "\n    " + traceback(self, record).replace("\n", "\n    ")
        return line


def moment(record: logging.LogRecord) -> str:
    """When, in UTC: ``2026-01-31T12:00:00.000Z``."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(record: logging.LogRecord) -> str:
    """The words, of bounded length, without what the address keeps secret."""
    return without_secrets(record.getMessage())[:MAX_MESSAGE]


def traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """Of a long one its end, which tells where."""
    assert record.exc_info
    return without_secrets(formatter.formatException(record.exc_info))[-MAX_TRACEBACK:]


def configure(config: Config) -> None:
    """Write to the standard error stream, unless whoever runs the portal has told logging where to."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if config.log_format == "json" else TextLines())
    logging.basicConfig(level=config.log_level, handlers=[handler])
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    """A thread that ended by an error ends with a line like any other."""
    if ended.exc_value is None or isinstance(ended.exc_value, SystemExit):
        return
    name = ended.thread.name if ended.thread else "-"
    told = (ended.exc_type, ended.exc_value, ended.exc_traceback)
    log.error("the thread %s ended", name, exc_info=told)
