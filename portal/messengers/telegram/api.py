"""Telegram's methods and refusals. Facts: core.telegram.org/bots/api#making-requests."""

from collections.abc import Mapping
from typing import Any

from portal.messengers.calls import CALL_SECONDS, UPLOAD_SECONDS, Answer, Call, seconds_of
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
    ("message text is empty", "empty_message"),
    ("text must be non-empty", "empty_message"),
    ("message is too long", "too_long"),
    ("message caption is too long", "too_long"),
    ("chat not found", "chat_not_found"),
    ("peer_id_invalid", "chat_not_found"),
    ("wrong file identifier", "file_unknown"),
    ("wrong remote file", "file_unknown"),
    ("invalid file_id", "file_unknown"),
    ("file_reference_", "file_unknown"),
    ("can't use file of type", "file_unknown"),
    ("file is too big", "file_too_large"),
    ("photo_invalid_dimensions", "file_type_refused"),
    ("photo_ext_invalid", "file_type_refused"),
    ("photo_save_file_invalid", "file_type_refused"),
    ("image_process_failed", "file_type_refused"),
    ("video_content_type_invalid", "file_type_refused"),
    ("wrong type of the web page content", "file_type_refused"),
    ("user restricted receiving of voice", "file_type_refused"),
    ("voice_messages_forbidden", "file_type_refused"),
    ("file must be non-empty", "file_empty"),
    ("button_data_invalid", "button_refused"),
    ("bad webhook", "webhook_address_refused"),
)


def ask(
    call: Call,
    method: str,
    values: Mapping[str, Any] | None = None,
    files: Mapping[str, Any] | None = None,
    *,
    seconds: float = CALL_SECONDS,
) -> Any:
    """The result of one method. Raises SendFailed of every kind."""
    path = f"/bot{call.values['token']}/{method}"
    if files:
        answer = call.request("POST", path, data=values or {}, files=files, seconds=UPLOAD_SECONDS)
    else:
        answer = call.request("POST", path, json=dict(values or {}), seconds=seconds)
    found = answer.json()
    if answer.status == 200 and found.get("ok") is True:
        return found.get("result")
    raise failure(call, answer, found)


def failure(call: Call, answer: Answer, found: Mapping[str, Any]) -> SendFailed:
    """What a refusal means."""
    status = answer.status
    detail = call.scrub(found.get("description"))
    if status == 200:
        # Somebody else answered, or half an answer came: the message may have arrived.
        return Unclear("odd_answer", detail)
    if status >= 500:
        return Unavailable("platform_down", detail)
    if status == 429:
        told = mapping(found.get("parameters")).get("retry_after", answer.headers.get("retry-after"))
        return Throttled(seconds_of(told), detail=detail)
    if status in (401, 404):
        return CredentialsRefused(detail=detail)
    if status == 403:
        return PersonBlocked("person_gone" if "deactivated" in detail.lower() else "", detail)
    if status == 409:
        return Rejected("polling_conflict", detail)
    if status == 413:
        return Rejected("file_too_large", detail)
    return _refused(found, detail) if status == 400 else Rejected("rejected", detail)


def _refused(found: Mapping[str, Any], detail: str) -> SendFailed:
    moved = identity(mapping(found.get("parameters")).get("migrate_to_chat_id"))
    if moved:
        return ChatMoved(moved)
    words = detail.lower()
    return Rejected(next((code for part, code in _REFUSALS if part in words), "rejected"), detail)
