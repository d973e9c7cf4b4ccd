"""Faults reported to the Sentry server of SENTRY_DSN: what broke and where, and nothing that people sent."""

import logging
from importlib import import_module
from typing import Any

from portal.telemetry.context import current_fields, without_secrets

TAGS = ("request_id", "route", "method", "account_id", "job", "job_id", "update_id", "platform")
# What an event may consist of. Bodies, cookies, addresses, local variables and crumbs are in none of these.
KEPT = frozenset(
    {"event_id", "timestamp", "level", "platform", "exception", "message", "tags", "release", "environment"}
)


class FaultReporter(logging.Handler):
    """Reports what is logged as an error."""

    def __init__(self, sdk: Any) -> None:
        super().__init__(logging.ERROR)
        self._sdk = sdk

    def emit(self, record: logging.LogRecord) -> None:
        """Hand it over; sending is done by a thread of the library's."""
        fields = {**current_fields(), **record.__dict__.get("fields", {})}
        with self._sdk.new_scope() as scope:
            for name in TAGS:
                if fields.get(name) is not None:
                    scope.set_tag(name, str(fields[name]))
            if record.exc_info and record.exc_info[1] is not None:
                scope.capture_exception(record.exc_info[1])
            else:
                scope.capture_message(without_secrets(record.getMessage()), level="error")


def report_faults(dsn: str, environment: str, transport: type | None = None) -> FaultReporter:
    """Report from here on. Nothing is switched on that looks into requests, statements or calls by itself."""
    # Its package is needed by those alone who have such a server.
    sdk = import_module("sentry_sdk")
    sdk.init(
        dsn=dsn,
        environment=environment,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        before_send=scrub,
        transport=transport,
    )
    reporter = FaultReporter(sdk)
    logging.getLogger().addHandler(reporter)
    return reporter


def scrub(event: Any, hint: dict[str, Any]) -> Any:
    """Only what an event may consist of, without what the present address keeps secret."""
    kept = {name: value for name, value in event.items() if name in KEPT}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = without_secrets(str(error.get("value") or ""))
    return kept
