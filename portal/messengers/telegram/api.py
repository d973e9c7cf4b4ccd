"""Telegram's methods and refusals. Facts: core.telegram.org/bots/api#making-requests."""

import json
from collections.abc import Mapping

from portal.messaging.failures import Failure
from portal.messengers.call import CALL_SECONDS, UPLOAD_SECONDS, Answer, Call, Files, seconds_of
from portal.messengers.errors import (
    ChatMoved,
    CredentialsRefused,
    PersonBlocked,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unclear,
)
from portal.messengers.payload_fields import identity, mapping

# Beginnings of what Telegram says, in small letters, and what it means.
_REFUSALS = (
    ("message text is empty", Failure.EMPTY_MESSAGE),
    ("text must be non-empty", Failure.EMPTY_MESSAGE),
    ("message is too long", Failure.TOO_LONG),
    ("text is too long", Failure.TOO_LONG),
    ("message caption is too long", Failure.TOO_LONG),
    ("chat not found", Failure.CHAT_NOT_FOUND),
    ("peer_id_invalid", Failure.CHAT_NOT_FOUND),
    ("wrong file identifier", Failure.FILE_UNKNOWN),
    ("wrong remote file", Failure.FILE_UNKNOWN),
    ("invalid file_id", Failure.FILE_UNKNOWN),
    ("file_reference_", Failure.FILE_UNKNOWN),
    ("can't use file of type", Failure.FILE_UNKNOWN),
    ("file is too big", Failure.FILE_TOO_LARGE),
    ("photo_invalid_dimensions", Failure.FILE_TYPE_REFUSED),
    ("photo_ext_invalid", Failure.FILE_TYPE_REFUSED),
    ("photo_save_file_invalid", Failure.FILE_TYPE_REFUSED),
    ("image_process_failed", Failure.FILE_TYPE_REFUSED),
    ("video_content_type_invalid", Failure.FILE_TYPE_REFUSED),
    ("wrong type of the web page content", Failure.FILE_TYPE_REFUSED),
    ("user restricted receiving of voice", Failure.FILE_TYPE_REFUSED),
    ("voice_messages_forbidden", Failure.FILE_TYPE_REFUSED),
    ("file must be non-empty", Failure.FILE_EMPTY),
    ("button_", Failure.BUTTON_REFUSED),
    ("reply markup is too long", Failure.BUTTON_REFUSED),
    ("reply_markup_", Failure.BUTTON_REFUSED),
    ("bad webhook", Failure.WEBHOOK_ADDRESS_REFUSED),
)


def ask(
    call: Call,
    method: str,
    values: Mapping[str, object] | None = None,
    files: Files | None = None,
    *,
    seconds: float = CALL_SECONDS,
) -> object:
    """The result of one method. Raises SendFailed of every kind."""
    path = f"/bot{call.values['token']}/{method}"
    if files:
        answer = call.request("POST", path, data=_as_form(values or {}), files=files, seconds=UPLOAD_SECONDS)
    else:
        answer = call.request("POST", path, json=dict(values or {}), seconds=seconds)
    found = answer.json()
    if answer.status == 200 and found.get("ok") is True:
        return found.get("result")
    raise failure(call, answer, found)


def _as_form(values: Mapping[str, object]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def failure(call: Call, answer: Answer, found: Mapping[str, object]) -> SendFailed:
    """What a refusal means."""
    status = answer.status
    detail = call.scrub(found.get("description"))
    if status == 200:
        # Somebody else answered, or half an answer came: the message may have arrived.
        return Unclear(Failure.ODD_ANSWER, detail)
    if status >= 500:
        return Unavailable(Failure.PLATFORM_DOWN, detail)
    if status == 429:
        told = mapping(found.get("parameters")).get("retry_after", answer.headers.get("retry-after"))
        return Throttled(seconds_of(told), detail=detail)
    if status in (401, 404):
        return CredentialsRefused(detail=detail)
    if status == 403:
        return PersonBlocked(Failure.PERSON_GONE if "deactivated" in detail.lower() else None, detail)
    if status == 409:
        return Rejected(Failure.POLLING_CONFLICT, detail)
    if status == 413:
        return Rejected(Failure.FILE_TOO_LARGE, detail)
    return _refused(found, detail) if status == 400 else Rejected(Failure.REJECTED, detail)


def _refused(found: Mapping[str, object], detail: str) -> SendFailed:
    moved = identity(mapping(found.get("parameters")).get("migrate_to_chat_id"))
    if moved:
        return ChatMoved(moved)
    words = detail.lower()
    return Rejected(next((code for part, code in _REFUSALS if part in words), Failure.REJECTED), detail)
