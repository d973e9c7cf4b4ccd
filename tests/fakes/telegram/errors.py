"""Refusals in the words of Telegram's Bot API server."""

import math

from tests.fakes.faults import Refused

BLOCKED = "Forbidden: bot was blocked by the user"
DEACTIVATED = "Forbidden: user is deactivated"
OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
POLL_ENDED = "Conflict: terminated by setWebhook request"


def refusal(status: int, description: str, **parameters: int) -> Refused:
    """``{"ok": false, …}``."""
    body = {"ok": False, "error_code": status, "description": description}
    return Refused(status, body | ({"parameters": parameters} if parameters else {}))


def bad(description: str, **parameters: int) -> Refused:
    """400."""
    return refusal(400, f"Bad Request: {description}", **parameters)


def too_many(seconds: float) -> Refused:
    """429, with whole seconds to wait in body and header."""
    whole = max(1, math.ceil(seconds))
    refused = refusal(429, f"Too Many Requests: retry after {whole}", retry_after=whole)
    refused.headers["Retry-After"] = str(whole)
    return refused
