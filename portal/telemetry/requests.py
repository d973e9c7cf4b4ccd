"""A number, a log line and a measurement for every request."""

import logging
import time

from flask import Flask, Response, current_app, g, request

from portal.telemetry.context import REQUEST_ID_HEADER, RequestLog, request_log, route
from portal.telemetry.metrics import metrics
from portal.telemetry.sampling import Sampler

log = logging.getLogger("portal.request")

# Asked every few seconds, or many at once beside each page.
QUIET_ENDPOINTS = frozenset({"static", "health.alive", "health.ready"})
# Refused deliveries have lines of their own (``portal/attacks``); they come as fast as anybody likes to send them.
HOOK_ENDPOINTS = frozenset({"hooks.receive", "hooks.challenge"})
# What strangers are refused is told so often a minute for each address, the rest is counted.
REFUSALS_A_MINUTE = 60


def install(app: Flask) -> None:
    """Before every other hook, so that its last word is said after theirs: the transaction has ended by then."""
    app.extensions["refusals"] = Sampler(REFUSALS_A_MINUTE)
    app.before_request(begin)
    app.after_request(finish)


def begin() -> None:
    """Number the request and start the clock."""
    g.request_log = RequestLog.begin()


def finish(response: Response) -> Response:
    """Write the line."""
    known = request_log()
    seconds = time.perf_counter() - known.started
    if request.endpoint not in QUIET_ENDPOINTS or response.status_code >= 400:
        response.headers[REQUEST_ID_HEADER] = known.id
    metrics().observe_request(route(), response.status_code, seconds)
    if log.isEnabledFor(level := _level(response.status_code)):
        _write(level, response.status_code, seconds)
    return response


def _write(level: int, status: int, seconds: float) -> None:
    fields = {"status": status, "duration_ms": round(seconds * 1000, 1)}
    if 400 <= status < 500 and "opened" not in g:
        refusals: Sampler = current_app.extensions["refusals"]
        suppressed = refusals.admit(str(status), request.remote_addr or "")
        if suppressed is None:
            return
        if suppressed:
            fields["suppressed"] = suppressed
    log.log(level, "request", extra={"fields": fields})


def _level(status: int) -> int:
    if status >= 500:
        return logging.WARNING
    is_refused_hook = request.endpoint in HOOK_ENDPOINTS and status >= 400
    return logging.DEBUG if request.endpoint in QUIET_ENDPOINTS or is_refused_hook else logging.INFO
