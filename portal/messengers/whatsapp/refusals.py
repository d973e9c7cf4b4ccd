"""What Meta's numbers mean. Facts: the Cloud API's list of error codes.

Programs act on the number, not on the title.
"""

from collections.abc import Mapping

from portal.messaging.failures import Failure
from portal.messengers.call import Answer, Call, seconds_of
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
    0: Failure.CREDENTIALS_REFUSED,
    102: Failure.CREDENTIALS_REFUSED,
    190: Failure.CREDENTIALS_REFUSED,
    3: Failure.PERMISSION_MISSING,
    10: Failure.PERMISSION_MISSING,
    131005: Failure.PERMISSION_MISSING,
    368: Failure.ACCOUNT_RESTRICTED,
    131031: Failure.ACCOUNT_RESTRICTED,
    131045: Failure.NUMBER_NOT_REGISTERED,
    133010: Failure.NUMBER_NOT_REGISTERED,
}
_PERMISSIONS = range(200, 300)
_REJECTED = {
    131026: Failure.UNDELIVERABLE,
    131030: Failure.RECIPIENT_NOT_ALLOWED,
    131042: Failure.PAYMENT_PROBLEM,
    131047: Failure.OUTSIDE_WINDOW,
    131049: Failure.UNDELIVERABLE,
    131050: Failure.PERSON_BLOCKED,
    131051: Failure.UNSUPPORTED_TYPE,
    131052: Failure.FILE_UNKNOWN,
    131053: Failure.FILE_TYPE_REFUSED,
    130472: Failure.UNDELIVERABLE,
    130497: Failure.UNDELIVERABLE,
    2200: Failure.WEBHOOK_NOT_ANSWERING,
}
_NUMBER_UNKNOWN = 33


def code_of(number: int | None) -> Failure:
    """Our code for a number of Meta's."""
    if number is None:
        return Failure.FAILED
    if number in _THROTTLED:
        return Failure.THROTTLED
    if number in _DOWN:
        return Failure.PLATFORM_DOWN
    if number in _PERMISSIONS:
        return Failure.PERMISSION_MISSING
    return _CREDENTIALS.get(number) or _REJECTED.get(number, Failure.REJECTED)


def failure(call: Call, answer: Answer) -> SendFailed:
    """What an answer other than success means."""
    error = mapping(answer.json().get("error"))
    number = whole(error.get("code"))
    detail = _detail(call, error)
    if number in _THROTTLED or answer.status == 429:
        usual = _THROTTLED.get(number or 0, 1.0)
        return Throttled(seconds_of(answer.headers.get("retry-after", usual), usual), detail=detail)
    if number in _DOWN or answer.status >= 500:
        return Unavailable(Failure.PLATFORM_DOWN, detail)
    if number == 100 and error.get("error_subcode") == _NUMBER_UNKNOWN:
        return CredentialsRefused(Failure.NUMBER_UNKNOWN, detail)
    if number in _CREDENTIALS or number in _PERMISSIONS or answer.status == 401:
        return CredentialsRefused(code_of(number) if number is not None else None, detail)
    code = code_of(number) if number is not None else Failure.REJECTED
    kind = {Failure.OUTSIDE_WINDOW: OutsideWindow, Failure.PERSON_BLOCKED: PersonBlocked}.get(code, Rejected)
    return kind(code, detail)


def _detail(call: Call, error: Mapping[str, object]) -> str:
    details = mapping(error.get("error_data")).get("details")
    return call.scrub(details if isinstance(details, str) and details else error.get("message"))
