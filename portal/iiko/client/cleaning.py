"""Text of a server, on its way to a page, a log or a row."""

import html
import re
from urllib.parse import quote, quote_plus

MAX_TEXT = 300
HIDDEN = "•••"
# A text is looked at no further than this; what the end may have cut through is left out.
_MAX_LOOKED_AT = 16 * 1024
# Control characters but line breaks; marks that turn the direction of writing; line breaks of other standards.
_CONTROLS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_PARAMETER = re.compile(r"(?i)\b(key|pass|password|login|token)(\s*[=:]\s*)[^\s&;,'\"<>]+")


def clean_text(text: str, *secrets: str) -> str:
    """At most 300 characters that name neither the secrets nor the value of a parameter that carries one."""
    known = sorted({form for secret in secrets if secret for form in _forms(secret)}, key=len, reverse=True)
    is_cut, text = len(text) > _MAX_LOOKED_AT, text[:_MAX_LOOKED_AT]
    if known:
        text = re.sub("|".join(map(re.escape, known)), HIDDEN, text, flags=re.IGNORECASE)
        # What the cut went through is no longer the whole secret, and would be shown.
        text = text[: -len(known[0])] if is_cut else text
    text = _PARAMETER.sub(rf"\1\2{HIDDEN}", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(r"[ \xa0]+", " ", _CONTROLS.sub(" ", text)).strip()
    text = re.sub(r"\n\s*\n+", "\n", text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1].rstrip() + "…"


def _forms(secret: str) -> set[str]:
    """A secret as it is, in an address, and in markup."""
    sent = secret.encode("utf-8", "replace").decode()
    return {
        secret,
        quote(sent, safe=""),
        quote(sent),
        quote_plus(sent),
        html.escape(secret),
        html.escape(secret, quote=False),
    }
