"""Viber's methods and refusals: a status in the body, mostly with HTTP 200."""

from collections.abc import Mapping

from portal.messaging.failures import Failure
from portal.messengers.call import Answer, Call, seconds_of
from portal.messengers.errors import (
    CredentialsRefused,
    PersonBlocked,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unclear,
)
from portal.messengers.payload_fields import Payload, whole

_THROTTLED = 12
_THROTTLED_SECONDS = 2.0
_CREDENTIALS = {
    2: Failure.CREDENTIALS_REFUSED,
    7: Failure.ACCOUNT_RESTRICTED,
    8: Failure.CREDENTIALS_REFUSED,
    9: Failure.ACCOUNT_RESTRICTED,
    15: Failure.PERMISSION_MISSING,
}
_PERSON = {5: Failure.PERSON_GONE, 6: Failure.PERSON_BLOCKED}
_REJECTED = {
    1: Failure.WEBHOOK_NOT_ANSWERING,
    10: Failure.WEBHOOK_NOT_SET,
    11: Failure.DEVICE_TOO_OLD,
    13: Failure.DEVICE_TOO_OLD,
    14: Failure.DEVICE_TOO_OLD,
    21: Failure.UNDELIVERABLE,
    23: Failure.QUOTA_USED_UP,
    24: Failure.QUOTA_USED_UP,
}


def ask(call: Call, method: str, values: Mapping[str, object] | None = None) -> Payload:
    """The answer of one method. Raises SendFailed of every kind."""
    headers = {"X-Viber-Auth-Token": call.values["auth_token"]}
    answer = call.request("POST", f"/pa/{method}", json=dict(values or {}), headers=headers)
    found = answer.json()
    if answer.status == 200 and found.get("status") == 0:
        return found
    raise failure(call, answer, found)


def failure(call: Call, answer: Answer, found: Mapping[str, object]) -> SendFailed:
    """What a refusal means."""
    status, detail = whole(found.get("status")), call.scrub(found.get("status_message"))
    if status == _THROTTLED or answer.status == 429:
        return Throttled(seconds_of(answer.headers.get("retry-after"), _THROTTLED_SECONDS), detail=detail)
    if answer.status >= 500:
        return Unavailable(Failure.PLATFORM_DOWN, detail)
    if status in _CREDENTIALS or answer.status in (401, 403):
        return CredentialsRefused(_CREDENTIALS.get(status or 0), detail)
    if status in _PERSON:
        return PersonBlocked(_PERSON[status], detail)
    if status is None and answer.status == 200:
        return Unclear(Failure.ODD_ANSWER, detail)
    return Rejected(_REJECTED.get(status or 0, Failure.REJECTED), detail)
