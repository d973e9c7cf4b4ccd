"""Refusals as Meta's Graph API words them; programs act on ``code``."""

import secrets
from typing import Any

from tests.fakes.faults import Refused

TITLES = {
    100: "Invalid parameter",
    190: "Error validating access token: The session has been invalidated",
    2200: "Callback verification failed",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131051: "Unsupported message type",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132001: "Template name does not exist in the translation",
}
STATUSES = {190: 401, 131000: 500}
# Found out only when the message is to be delivered, so that a status may tell of them instead of the answer.
AT_DELIVERY = (131026, 131047)


def error_object(code: int, details: str = "", subcode: int | None = None) -> dict[str, Any]:
    """What stands under ``error`` in an answer."""
    title = TITLES[code]
    error: dict[str, Any] = {
        "message": f"(#{code}) {title}" if code not in (190,) else title,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": f"A{secrets.token_hex(11)}",
    }
    if subcode:
        error["error_subcode"] = subcode
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return error


def refusal(code: int, details: str = "", subcode: int | None = None, status: int | None = None) -> Refused:
    """``{"error": …}``."""
    return Refused(status or STATUSES.get(code, 400), {"error": error_object(code, details, subcode)})


def unknown_object(object_id: str) -> Refused:
    """No such id, or not with this token."""
    details = f"Object with ID '{object_id}' does not exist or cannot be loaded due to missing permissions"
    return refusal(100, details, 33)
