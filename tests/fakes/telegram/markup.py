"""Telegram's checks of texts and keyboards. Facts: core.telegram.org/bots/api and the server's error texts."""

import html
import json
import re
from typing import Any

from tests.fakes.lengths import is_blank, is_text
from tests.fakes.records import Button
from tests.fakes.telegram.errors import bad

TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre", "tg-emoji",
    "blockquote",
}  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)([^<>]*)>?")
CALLBACK_BYTES = 64
MAX_BUTTONS = 100
MAX_IN_A_ROW = 8
MAX_MARKUP = 10 << 10


def plain_text(text: Any, parse_mode: str) -> str:
    """The text as people read it. Raises Refused where the markup is broken."""
    if not isinstance(text, str):
        raise bad("message text is empty")
    if not is_text(text, len(text) * 2):
        raise bad("strings must be encoded in UTF-8")
    if not parse_mode:
        return text
    if parse_mode.lower() != "html":
        raise bad("unsupported parse_mode")
    _check_tags(text)
    return html.unescape(TAG.sub("", text))


def _check_tags(text: str) -> None:
    open_tags: list[str] = []
    for found in TAG.finditer(text):
        offset = len(text[: found.start()].encode("utf-8", "surrogatepass"))
        closing, name, rest = found[1], found[2].lower(), found[3]
        problem = _tag_problem(open_tags, closing, name, rest, found[0])
        if problem:
            raise bad(f"can't parse entities: {problem} at byte offset {offset}")
        open_tags.pop() if closing else open_tags.append(name)
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\"")


def _tag_problem(open_tags: list[str], closing: str, name: str, rest: str, whole: str) -> str:
    if not whole.endswith(">"):
        return "Unclosed start tag" if not closing else "Unclosed end tag"
    if closing:
        if not open_tags:
            return "Unexpected end tag"
        expected = open_tags[-1]
        return "" if name in ("", expected) else f'Unmatched end tag, expected "</{expected}>", found "</{name}>",'
    if name not in TAGS:
        return f'Unsupported start tag "{name}"'
    if name == "span" and "tg-spoiler" not in rest:
        return 'Tag "span" must have class "tg-spoiler"'
    return ""


def read_markup(markup: Any) -> list[Button]:
    """The buttons of a ``reply_markup``. Raises Refused."""
    if markup in (None, "", {}):
        return []
    if not isinstance(markup, dict):
        raise bad("can't parse reply keyboard markup JSON object")
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    read = _inline if "inline_keyboard" in markup else _reply
    buttons = [read(button, number) for number, row in enumerate(rows) for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    if any(len(row) > MAX_IN_A_ROW for row in rows):
        raise bad("REPLY_MARKUP_INVALID")
    if len(json.dumps(markup, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_MARKUP:
        raise bad("reply markup is too long")
    return buttons


def _inline(button: Any, row: int) -> Button:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if is_blank(button["text"]):
        raise bad("BUTTON_TEXT_INVALID" if button["text"] else "can't parse inline keyboard button: text is empty")
    if isinstance(button.get("url"), str):
        return Button(button["text"], button["url"], "link", row)
    data = button.get("callback_data")
    if not isinstance(data, str):
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if not 1 <= len(data.encode("utf-8", "surrogatepass")) <= CALLBACK_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    return Button(button["text"], data, "press", row)


def _reply(button: Any, row: int) -> Button:
    given = {"text": button} if isinstance(button, str) else button
    if not isinstance(given, dict) or not isinstance(given.get("text"), str) or not given["text"].strip():
        raise bad('can\'t parse keyboard button: Field "text" must be of type String')
    if given.get("request_contact"):
        return Button(given["text"], "", "contact", row)
    return Button(given["text"], "", "location" if given.get("request_location") else "text", row)
