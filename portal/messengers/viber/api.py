"""Viber's methods and refusals: a status in the body, mostly with HTTP 200."""

from collections.abc import Mapping
from typing import Any

from portal.messengers.calls import Answer, Call, seconds_of
from portal.messengers.errors import (
    CredentialsRefused,
    PersonBlocked,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unclear,
)
from portal.messengers.payload_fields import whole

_THROTTLED = 12
_THROTTLED_SECONDS = 2.0
_CREDENTIALS = {2: "", 7: "account_restricted", 8: "", 9: "account_restricted", 15: "permission_missing"}
_PERSON = {5: "person_gone", 6: ""}
_REJECTED = {
    1: "webhook_not_answering",
    10: "webhook_not_set",
    11: "device_too_old",
    13: "device_too_old",
    14: "device_too_old",
    21: "undeliverable",
    23: "quota_used_up",
    24: "quota_used_up",
}


def ask(call: Call, method: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer of one method. Raises SendFailed of every kind."""
    headers = {"X-Viber-Auth-Token": call.values["auth_token"]}
    answer = call.request("POST", f"/pa/{method}", json=dict(values or {}), headers=headers)
    found = answer.json()
    if answer.status == 200 and found.get("status") == 0:
        return found
    raise failure(call, answer, found)


def failure(call: Call, answer: Answer, found: Mapping[str, Any]) -> SendFailed:
    """What a refusal means."""
    status, detail = whole(found.get("status")), call.scrub(found.get("status_message"))
    if status == _THROTTLED or answer.status == 429:
        return Throttled(seconds_of(answer.headers.get("retry-after"), _THROTTLED_SECONDS), detail=detail)
    if answer.status >= 500:
        return Unavailable("platform_down", detail)
    if status in _CREDENTIALS or answer.status in (401, 403):
        return CredentialsRefused(_CREDENTIALS.get(status or 0, ""), detail)
    if status in _PERSON:
        return PersonBlocked(_PERSON[status], detail)
    if status is None and answer.status == 200:
        return Unclear("odd_answer", detail)
    return Rejected(_REJECTED.get(status or 0, "rejected"), detail)
