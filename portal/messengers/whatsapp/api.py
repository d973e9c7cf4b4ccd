"""Requests to Meta's Graph API."""

from collections.abc import Mapping

from portal.messaging.failures import Failure
from portal.messengers.call import CALL_SECONDS, UPLOAD_SECONDS, Call, Files
from portal.messengers.errors import Unclear
from portal.messengers.payload_fields import Payload
from portal.messengers.whatsapp.refusals import failure

VERSION = "v23.0"


def ask(
    call: Call,
    method: str,
    path: str,
    *,
    json: object = None,
    data: Mapping[str, str] | None = None,
    files: Files | None = None,
    params: Mapping[str, str] | None = None,
) -> Payload:
    """The answer's object. ``path`` is below the version. Raises SendFailed of every kind."""
    answer = call.request(
        method,
        f"/{VERSION}/{path}",
        json=json,
        data=data,
        files=files,
        params=params,
        headers={"Authorization": f"Bearer {call.values['access_token']}"},
        seconds=UPLOAD_SECONDS if files else CALL_SECONDS,
    )
    if answer.status != 200:
        raise failure(call, answer)
    found = answer.json()
    if "error" in found:
        raise failure(call, answer)
    if not found:
        raise Unclear(Failure.ODD_ANSWER)
    return found


def number_path(call: Call, rest: str = "") -> str:
    """The path of the phone number, or something of it."""
    return call.values["phone_number_id"] + (f"/{rest}" if rest else "")
