"""Viber's refusals: a status in the body, with HTTP 200."""

from typing import Any

from tests.fakes.faults import Refused

MESSAGES = {
    1: "invalidUrl",
    2: "invalidAuthToken",
    3: "badData",
    4: "missingData",
    5: "receiverNotRegistered",
    6: "receiverNotSubscribed",
    7: "publicAccountBlocked",
    8: "publicAccountNotFound",
    9: "publicAccountSuspended",
    10: "webhookNotSet",
    11: "receiverNoSuitableDevice",
    12: "tooManyRequests",
    13: "apiVersionNotSupported",
}


def refusal(status: int, details: str = "", **more: Any) -> Refused:
    """``{"status": 3, "status_message": "badData…"}``."""
    words = MESSAGES[status] + (f": {details}" if details else "")
    return Refused(200, {"status": status, "status_message": words} | more)
