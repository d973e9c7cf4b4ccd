"""What a message to be sent must be like. Facts: developers.facebook.com/docs/whatsapp/cloud-api."""

from typing import Any

from tests.fakes.lengths import is_blank, is_text
from tests.fakes.records import Button
from tests.fakes.whatsapp.errors import refusal

MAX_TEXT, MAX_BODY, MAX_CAPTION, MAX_OPAQUE = 4096, 1024, 1024, 512
MAX_BUTTONS, MAX_ROWS, MAX_SECTIONS = 3, 10, 10
MEDIA_TYPES = {
    "image": ("image/jpeg", "image/png"),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
    "sticker": ("image/webp",),
    "document": ("application/", "text/", "image/jpeg", "image/png"),
}
# All that the upload lets in, whatever it is to be sent as.
UPLOADED = (
    "audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/opus", "application/vnd.ms-powerpoint",
    "application/msword", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/pdf", "text/plain",
    "application/vnd.ms-excel", "image/jpeg", "image/png", "image/webp", "video/mp4", "video/3gpp",
)  # fmt: skip
MAX_BYTES = {"image": 5 << 20, "video": 16 << 20, "audio": 16 << 20, "document": 100 << 20, "sticker": 512 << 10}


def text_at(holder: Any, name: str, longest: int, where: str, shortest: int = 1) -> str:
    """The text under a key. Raises Refused where it is missing or has a wrong length."""
    value = holder.get(name) if isinstance(holder, dict) else None
    if value is None and shortest == 0:
        return ""
    if not isinstance(value, str):
        raise refusal(131008, f"Parameter {where}['{name}'] is required and must be a text")
    if not is_text(value, longest, shortest) or (shortest and is_blank(value)):
        raise refusal(131009, f"{where}['{name}'] must have between {shortest} and {longest} characters")
    return value


def title_at(holder: Any, longest: int, where: str) -> str:
    """The title of a button or row, which is one line."""
    title = text_at(holder, "title", longest, where)
    if "\n" in title:
        raise refusal(131009, f"{where}['title'] must be one line")
    return title


def objects_at(holder: Any, name: str, most: int, where: str) -> list[dict[str, Any]]:
    """The list of objects under a key."""
    values = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise refusal(131008, f"Parameter {where}['{name}'] must be a list of objects")
    if not 1 <= len(values) <= most:
        raise refusal(131009, f"{where}['{name}'] must have between 1 and {most} entries")
    return values


def read_interactive(interactive: Any) -> tuple[str, list[Button]]:
    """The body's text and the buttons of an interactive message."""
    if not isinstance(interactive, dict):
        raise refusal(131008, "Parameter interactive is required")
    body = text_at(interactive.get("body"), "text", MAX_BODY, "interactive['body']")
    text_at(interactive.get("footer"), "text", 60, "interactive['footer']", shortest=0)
    kind, action = interactive.get("type"), interactive.get("action")
    if kind == "button":
        return body, _reply_buttons(action)
    if kind == "list":
        return body, _rows(action)
    if kind == "location_request_message" and isinstance(action, dict) and action.get("name") == "send_location":
        return body, [Button("Send location", "", "location")]
    raise refusal(131009, f"interactive['type'] {kind!r} is not known here")


def _reply_buttons(action: Any) -> list[Button]:
    where = "interactive['action']"
    buttons: list[Button] = []
    for number, entry in enumerate(objects_at(action, "buttons", MAX_BUTTONS, where)):
        if entry.get("type") != "reply":
            raise refusal(131009, f"{where}['buttons'][{number}]['type'] must be reply")
        here = f"{where}['buttons'][{number}]['reply']"
        reply = entry.get("reply")
        buttons.append(Button(title_at(reply, 20, here), text_at(reply, "id", 256, here), row=number))
    return _distinct(buttons, "titles")


def _rows(action: Any) -> list[Button]:
    where = "interactive['action']"
    text_at(action, "button", 20, where)
    sections = objects_at(action, "sections", MAX_SECTIONS, where)
    buttons: list[Button] = []
    for number, section in enumerate(sections):
        here = f"{where}['sections'][{number}]"
        text_at(section, "title", 24, here, shortest=1 if len(sections) > 1 else 0)
        for row in objects_at(section, "rows", MAX_ROWS, here):
            title, value = title_at(row, 24, f"{here}['rows']"), text_at(row, "id", 200, f"{here}['rows']")
            words = text_at(row, "description", 72, f"{here}['rows']", shortest=0)
            buttons.append(Button(title, value, row=len(buttons), description=words))
    if len(buttons) > MAX_ROWS:
        raise refusal(131009, f"A list has at most {MAX_ROWS} rows in all")
    return _distinct(buttons, None)


def _distinct(buttons: list[Button], titles: str | None) -> list[Button]:
    if len({button.value for button in buttons}) < len(buttons):
        raise refusal(131009, "Duplicated ids of buttons or rows")
    if titles and len({button.label for button in buttons}) < len(buttons):
        raise refusal(131009, f"Duplicated {titles} of buttons")
    return buttons


def check_upload(content_type: str) -> None:
    """Raises Refused where Meta does not take an upload of that type."""
    if content_type not in UPLOADED:
        told = f"Param file must be a file with one of the following types: {', '.join(UPLOADED)}."
        raise refusal(100, f"{told} Received file of type '{content_type}'.")


def check_media_type(kind: str, content_type: str, size: int) -> None:
    """Raises Refused where WhatsApp does not send such a file as that kind."""
    plain = content_type.partition(";")[0].strip()
    if not any(plain == each or (each.endswith("/") and plain.startswith(each)) for each in MEDIA_TYPES[kind]):
        raise refusal(131053, f"{plain} is not a type of {kind}")
    if size > MAX_BYTES[kind]:
        raise refusal(131053, f"{kind} must have at most {MAX_BYTES[kind]} bytes")
