"""The connections to platforms that all jobs of a process share."""

import threading

from flask import current_app

from portal.http.breaker import shared_breaker
from portal.messengers.calls import Calls

_making = threading.Lock()


def shared_calls() -> Calls:
    """Calls that spare a platform which has stopped answering: a job can wait."""
    with _making:
        if "platform_calls" not in current_app.extensions:
            current_app.extensions["platform_calls"] = Calls.configured(current_app.config["PORTAL"], shared_breaker())
    calls: Calls = current_app.extensions["platform_calls"]
    return calls
