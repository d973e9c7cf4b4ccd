"""Webhook, the number's own face and people's files."""

from urllib.parse import urlsplit

from portal.messengers.calls import Call
from portal.messengers.errors import Rejected, SendFailed, Unavailable
from portal.messengers.payload_fields import identity, mapping, objects, size_of, word, words
from portal.messengers.results import Fetched, Profile, WebhookView
from portal.messengers.whatsapp.api import ask, number_path
from portal.messengers.whatsapp.refusals import failure

PICTURE_CAP = 2 * 1024 * 1024
# The token is sent to these and to the server of the configuration, and nowhere else.
_HOSTS = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com")
# The nearest one counts: the number's own, its business account's, the app's.
_LEVELS = ("phone_number", "whatsapp_business_account", "application")


def set_webhook(call: Call, url: str) -> None:
    """A callback of the number's own; Meta asks it for the challenge before it answers."""
    _configure(call, {"override_callback_uri": url, "verify_token": call.values["verify_token"]})


def remove_webhook(call: Call) -> None:
    """Back to the app's callback."""
    _configure(call, {"override_callback_uri": ""})


def _configure(call: Call, configuration: dict[str, str]) -> None:
    ask(call, "POST", number_path(call), json={"webhook_configuration": configuration})


def inspect(call: Call) -> WebhookView:
    """The callback that counts for the number; Meta tells neither backlog nor errors."""
    found = mapping(ask(call, "GET", number_path(call), params={"fields": "webhook_configuration"}))
    levels = mapping(found.get("webhook_configuration"))
    return WebhookView(url=next((url for name in _LEVELS if (url := words(levels.get(name), 2000))), ""))


def profile(call: Call) -> Profile:
    """Verified name and number."""
    found = ask(call, "GET", number_path(call), params={"fields": "verified_name,display_phone_number"})
    shown = word(found.get("display_phone_number"), 40)
    digits = "".join(sign for sign in shown if sign in "0123456789")
    link = f"https://wa.me/{digits}" if digits else ""
    number = identity(found.get("id")) or call.values["phone_number_id"]
    return Profile(number, word(found.get("verified_name")), shown, link, _picture(call))


def _picture(call: Call) -> bytes | None:
    """The business's picture; its lack or loss is no failure."""
    fields = {"fields": "profile_picture_url"}
    try:
        found = ask(call, "GET", number_path(call, "whatsapp_business_profile"), params=fields)
        url = next((words(each.get("profile_picture_url"), 2000) for each in objects(found.get("data"))), "")
        answer = call.download(url, PICTURE_CAP) if url else None
    except SendFailed:
        return None
    return answer.body if answer and answer.status == 200 and answer.body else None


def fetch(call: Call, reference: str, cap: int) -> Fetched:
    """The address, good for five minutes, then the file with the token."""
    if not reference.isascii() or not reference.isalnum():
        raise Rejected("file_unknown")
    found = _file(call, reference)
    size, url = size_of(found.get("file_size")), words(found.get("url"), 2000)
    if size is not None and size > cap:
        raise Rejected("file_too_large")
    if not url:
        raise Rejected("file_unknown")
    if not is_of_meta(call, url):
        raise Rejected("file_address_refused")
    answer = call.download(url, cap, token=call.values["access_token"])
    if answer.status >= 500:
        raise Unavailable("platform_down")
    if answer.status == 404:
        raise Rejected("file_unknown")
    if answer.status != 200:
        raise failure(call, answer)
    return Fetched(answer.body, word(found.get("mime_type"), 100))


def _file(call: Call, reference: str) -> dict[str, object]:
    try:
        return ask(call, "GET", reference)
    except Rejected as refusal:
        is_gone = refusal.code in ("number_unknown", "rejected")
        detail = refusal.detail
        if not is_gone:
            raise
    raise Rejected("file_unknown", detail)


def is_of_meta(call: Call, url: str) -> bool:
    """Whether the token may go there."""
    try:
        parts = urlsplit(url)
        host, is_plain = (parts.hostname or "").lower(), not parts.username and not parts.password
    except ValueError:
        return False
    is_theirs = any(host == each or host.endswith(f".{each}") for each in _HOSTS)
    return call.is_own(url) or (parts.scheme == "https" and is_theirs and is_plain)
