"""Markers of buttons that nobody can type.

A pressed button arrives as a message whose text is what the button carries. So it carries the marker and a short
HMAC made with the bot's token for this very chat; a text that only looks like one stays a text.
"""

import hashlib
import hmac

from portal.messengers.headers import same

_SEPARATOR = "~"
_LENGTH = 20
_LONGEST = 300


def sealed(marker: str, token: str, chat_id: str) -> str:
    """What the button carries."""
    return f"{marker}{_SEPARATOR}{_proof(marker, token, chat_id)}"


def opened(text: object, token: str, chat_id: str) -> str | None:
    """The marker, or None for a text that no button of this chat carries."""
    if not isinstance(text, str) or len(text) > _LONGEST or _SEPARATOR not in text:
        return None
    marker, _, proof = text.rpartition(_SEPARATOR)
    return marker if token and same(proof, _proof(marker, token, chat_id)) else None


def marker_in(text: str) -> str:
    """The marker of a text that was found genuine before."""
    return text.rpartition(_SEPARATOR)[0]


def _proof(marker: str, token: str, chat_id: str) -> str:
    # Length first, so that no other pair of chat and marker runs together into the same bytes.
    message = f"press\0{len(chat_id)}\0{chat_id}\0{marker}".encode("utf-8", "surrogatepass")
    return hmac.digest(token.encode("utf-8", "surrogatepass"), message, hashlib.sha256).hex()[:_LENGTH]
