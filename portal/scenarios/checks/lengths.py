"""Checks of texts, captions and buttons as each messenger sends them: how long they are, what is markup."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from portal.messaging.events import Attachment, Choice, OutgoingMessage, TextSpan
from portal.messengers.markup import plain, runs_of
from portal.messengers.protocol import Messenger
from portal.messengers.registry import PLATFORMS
from portal.messengers.splitting import utf16
from portal.scenarios.document.problems import Place, ProblemList
from portal.scenarios.document.steps import Step, as_list, read_media, read_message_text
from portal.scenarios.document.typed_words import folded
from portal.scenarios.document.wording import _l, shortened
from portal.scenarios.engine.outgoing_messages import kind_of
from portal.scenarios.engine.texts import MAX_TEXT

# Shorter ones go in one message everywhere, whatever is in them.
_NO_MATTER = 250
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]{0,200})?/?>")


def texts_of(step: Step) -> Iterator[tuple[Place, str, OutgoingMessage]]:
    """Every text and caption of a step: where it stands, what it says, the message it is sent with."""
    choices = tuple(Choice(button.text or button.value, "1.0") for button in step.buttons)
    for place, message in _messages(step):
        text = read_message_text(message)
        yield (place if isinstance(message, str) else (*place, "text")), text, _saying(text, choices)
        for index, media in enumerate(read_media(message)):
            attached = Attachment(kind_of(media), media.file_id)
            said = replace(_saying(media.caption), attachment=attached)
            yield (*place, "media", index, "caption"), media.caption, said


def check_lengths(step: Step, findings: ProblemList) -> None:
    """What is cut off is an error; what only comes in several messages is a note."""
    for place, text, outgoing in texts_of(step):
        _check_markup(text, place, findings)
        if len(text) > MAX_TEXT:
            _tell_cut(text, place, findings)
        elif len(text) > _NO_MATTER:
            (_check_caption if outgoing.attachment else _check_text)(outgoing, place, findings)
    _check_labels(step, findings)
    _check_alike(step, findings)


def _check_markup(text: str, place: Place, findings: ProblemList) -> None:
    """A tag that counts as none is read by guests as it stands."""
    found = _TAG.search(plain(runs_of((TextSpan(text[:MAX_TEXT]),)))) if "<" in text else None
    if found:
        message = _l(
            "People see “%(tag)s” as it stands: it is no tag of messengers, or it has no partner. Use b, i, u, s, code "
            "and a, each with its end.",
            tag=shortened(found[0]),
        )
        findings.warning(place, message)


def _messages(step: Step) -> Iterator[tuple[Place, Any]]:
    yield (*step.place, "message"), step.raw.get("message")
    for index, item in enumerate(as_list(step.raw.get("conditions"))):
        if isinstance(item, dict):
            yield from (((*step.place, "conditions", index, key), item.get(key)) for key in ("message", "else"))


def _saying(text: str, choices: tuple[Choice, ...] = ()) -> OutgoingMessage:
    return OutgoingMessage((TextSpan(text),), choices)


def _tell_cut(text: str, place: Place, findings: ProblemList) -> None:
    message = _l(
        "The text has %(count)s characters with its tags and addresses, and the bot says the first %(most)s. Split it.",
        count=len(text),
        most=MAX_TEXT,
    )
    findings.error(place, message)


def _check_text(outgoing: OutgoingMessage, place: Place, findings: ProblemList) -> None:
    short = replace(outgoing, spans=(TextSpan("…"),))

    def more(each: Messenger) -> int:
        return len(each.outbound.parts(outgoing)) - len(each.outbound.parts(short))

    several = ", ".join(f"{each.label} ({count + 1})" for each in PLATFORMS.values() if (count := more(each)) > 0)
    if several:
        message = _l("The text is longer than one message and comes in several: %(messengers)s.", messengers=several)
        findings.note(place, message)


def _check_caption(outgoing: OutgoingMessage, place: Place, findings: ProblemList) -> None:
    # Where such a file takes no words at all, they stand apart whatever their length.
    short = replace(outgoing, spans=(TextSpan("…"),))
    apart = ", ".join(
        str(each.label)
        for each in PLATFORMS.values()
        if len(each.outbound.parts(short)) == 1 < len(each.outbound.parts(outgoing))
    )
    if apart:
        message = _l(
            "The caption is too long to stand below the file on %(messengers)s: there it is a message of its own.",
            messengers=apart,
        )
        findings.note(place, message)


def _check_labels(step: Step, findings: ProblemList) -> None:
    for index, button in enumerate(step.buttons):
        length = utf16(button.text)
        short = ", ".join(str(each.label) for each in PLATFORMS.values() if (each.limits.label or length) < length)
        if short:
            message = _l(
                "%(messengers)s shows the beginning of “%(text)s” only. Write less on the button.",
                messengers=short,
                text=shortened(button.text),
            )
            findings.warning((*step.place, "buttons", index, "text"), message)


def _check_alike(step: Step, findings: ProblemList) -> None:
    """Typed words lead to no button where they could be those of two."""
    seen: dict[str, tuple[str, str]] = {}
    for index, button in enumerate(step.buttons):
        words = folded(button.text)
        text, value = seen.setdefault(words, (button.text, button.value)) if words else (button.text, button.value)
        if value != button.value:
            message = _l(
                "“%(first)s” and “%(second)s” are the same when somebody types them, so neither is chosen. "
                "Write other words on one of them.",
                first=shortened(text),
                second=shortened(button.text),
            )
            findings.warning((*step.place, "buttons", index, "text"), message)
