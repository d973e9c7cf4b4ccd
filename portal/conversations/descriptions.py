"""What a message was, in words: the same in the transcript, in its export and in the lists of conversations."""

from collections.abc import Mapping
from typing import Any

from portal.messaging.kinds import Kind, remarks_in_words
from portal.scenarios.document.wording import Phrase, _l, shortened

# What is told of these is their kind's word; what came with them stands beside it.
FILE_KINDS = frozenset({"image", "video", "animation", "audio", "voice", "document"})
OTHER_KINDS: dict[str, Phrase | Kind] = {
    "contact": Kind("contact"),
    "location": Kind("location"),
    "moved": _l("Changed their number or id"),
    "opened": _l("Opened the chat"),
    "blocked": _l("Blocked the bot"),
    "unblocked": _l("Unblocked the bot"),
}
# What is about an earlier message, which is quoted where it is known.
EARLIER = {
    "edited": (_l("Changed an earlier message"), lambda quoted: _l("Changed the message “%(quoted)s”", quoted=quoted)),
    "withdrawn": (
        _l("Withdrew an earlier message"),
        lambda quoted: _l("Withdrew the message “%(quoted)s”", quoted=quoted),
    ),
    "reaction": (
        _l("Reaction to an earlier message"),
        lambda quoted: _l("Reaction to “%(quoted)s”", quoted=quoted),
    ),
    "reaction taken back": (
        _l("Reaction taken back"),
        lambda quoted: _l("Reaction to “%(quoted)s” taken back", quoted=quoted),
    ),
}
MAX_QUOTED = 80
Told = Phrase | Kind | str


def label_of(kind: str, text: str, content: Mapping[str, Any]) -> Told:
    """What kind of message it was; empty for what speaks for itself: words, presses and files."""
    if kind in ("unsupported", "happened"):
        return Kind(str(content.get("name") or ""))
    earlier = EARLIER.get("reaction taken back" if kind == "reaction" and not text else kind)
    if earlier is None:
        return OTHER_KINDS.get(kind, "")
    quoted = _quoted(content)
    told = earlier[1](quoted) if quoted else earlier[0]
    name = content.get("name")
    return f"{told} ({Kind(name)})" if kind == "edited" and name else told


def _quoted(content: Mapping[str, Any]) -> str:
    """The beginning of the message that it is about."""
    quoted = content.get("quoted")
    if not isinstance(quoted, dict):
        return ""
    kind, text = str(quoted.get("kind") or ""), str(quoted.get("text") or "")
    return shortened(in_a_line(kind, text, {"name": quoted.get("name")}), MAX_QUOTED)


def in_a_line(kind: str, text: str, content: Mapping[str, Any]) -> str:
    """What it was and what it said: ``Sticker: 👍``; of a file without words what it is."""
    label = str(label_of(kind, text, content))
    if label and text:
        return f"{label}: {text}"
    return label or text or (str(Kind(kind)) if kind in FILE_KINDS else "")


def in_full(kind: str, text: str, content: Any) -> str:
    """The same with what came along, for a file that has no page: a file's own kind stands in a column there."""
    told = content if isinstance(content, dict) else {}
    said = text if kind in FILE_KINDS else in_a_line(kind, text, told)
    return "\n".join(filter(None, (said, *(f"({remark})" for remark in remarks_of(told)))))


def remarks_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """What came along with a message, in words."""
    remarks = content.get("remarks")
    return tuple(remarks_in_words(remarks)) if isinstance(remarks, dict) else ()
