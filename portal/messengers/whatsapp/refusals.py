"""What Meta's numbers mean. Facts: the Cloud API's list of error codes.

Programs act on the number, not on the title.
"""

from collections.abc import Mapping
from typing import Any

from portal.messengers.calls import Answer, Call, seconds_of
from portal.messengers.errors import (
    CredentialsRefused,
    OutsideWindow,
    PersonBlocked,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
)
from portal.messengers.payload_fields import mapping, whole

# One person may be sent six messages a minute once the burst is used up.
_PAIR_SECONDS = 6.0
_THROTTLED = {4: 30.0, 80007: 60.0, 130429: 1.0, 131048: 60.0, 131056: _PAIR_SECONDS, 133016: 60.0}
_DOWN = (1, 2, 131000, 131016, 131057, 133004)
_CREDENTIALS = {
    0: "credentials_refused",
    102: "credentials_refused",
    190: "credentials_refused",
    3: "permission_missing",
    10: "permission_missing",
    131005: "permission_missing",
    368: "account_restricted",
    131031: "account_restricted",
    131045: "number_not_registered",
    133010: "number_not_registered",
}
_PERMISSIONS = range(200, 300)
_REJECTED = {
    131026: "undeliverable",
    131030: "recipient_not_allowed",
    131042: "payment_problem",
    131047: "outside_window",
    131049: "undeliverable",
    131050: "person_blocked",
    131051: "unsupported_type",
    131052: "file_unknown",
    131053: "file_type_refused",
    130472: "undeliverable",
    130497: "undeliverable",
    2200: "webhook_not_answering",
}
_NUMBER_UNKNOWN = 33


def code_of(number: int | None) -> str:
    """Our code for a number of Meta's."""
    if number is None:
        return "failed"
    if number in _THROTTLED:
        return "throttled"
    if number in _DOWN:
        return "platform_down"
    if number in _PERMISSIONS:
        return "permission_missing"
    return _CREDENTIALS.get(number) or _REJECTED.get(number, "rejected")


def failure(call: Call, answer: Answer) -> SendFailed:
    """What an answer other than success means."""
    error = mapping(answer.json().get("error"))
    number = whole(error.get("code"))
    detail = _detail(call, error)
    if number in _THROTTLED or answer.status == 429:
        usual = _THROTTLED.get(number or 0, 1.0)
        return Throttled(seconds_of(answer.headers.get("retry-after", usual), usual), detail=detail)
    if number in _DOWN or answer.status >= 500:
        return Unavailable("platform_down", detail)
    if number == 100 and error.get("error_subcode") == _NUMBER_UNKNOWN:
        return CredentialsRefused("number_unknown", detail)
    if number in _CREDENTIALS or number in _PERMISSIONS or answer.status == 401:
        return CredentialsRefused(code_of(number) if number is not None else "", detail)
    code = code_of(number) if number is not None else "rejected"
    kind = {"outside_window": OutsideWindow, "person_blocked": PersonBlocked}.get(code, Rejected)
    return kind(code, detail)


def _detail(call: Call, error: Mapping[str, Any]) -> str:
    details = mapping(error.get("error_data")).get("details")
    return call.scrub(details if isinstance(details, str) and details else error.get("message"))
