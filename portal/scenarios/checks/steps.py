"""Checks of what one step says: its texts, media and buttons."""

from typing import Any

from portal.messengers.registry import PLATFORMS
from portal.scenarios.checks.lengths import check_lengths, texts_of
from portal.scenarios.checks.shapes import NUMBER, OBJECT, TEXT, YES_OR_NO, objects_of, one_of, present
from portal.scenarios.document.placeholders import BAD_NAME, BRACED, VARIABLE_NAME
from portal.scenarios.document.problems import Place, ProblemList
from portal.scenarios.document.steps import (
    CONDITIONAL_MESSAGE,
    MEDIA_TYPES,
    MESSAGE,
    STEP_TYPES,
    Step,
    as_text,
)
from portal.scenarios.document.wording import _l, shortened

# The smallest of the limits that the messengers publish for the data of a button.
MAX_BUTTON_VALUE_BYTES = 64


def check_step(step: Step, known: frozenset[str], findings: ProblemList) -> None:
    """What a step says and shows; ``known`` are the variables a text may use."""
    _check_name(step, findings)
    if present(findings, step.raw, "type", TEXT, step.place):
        one_of(findings, step.raw["type"], STEP_TYPES, (*step.place, "type"))
    if _is_message(findings, step.raw, step.place):
        _check_message(step.raw["message"], (*step.place, "message"), findings)
    if step.kind == CONDITIONAL_MESSAGE:
        _check_variants(step, findings)
    elif step.kind == MESSAGE and not (step.text or step.media):
        findings.warning(step.place, _l("This step sends nothing. Give it a text, or the type “action”."))
    _check_buttons(step, findings)
    _check_pace(step, findings)
    check_lengths(step, findings)
    _check_placeholders(step, known, findings)


def _check_name(step: Step, findings: ProblemList) -> None:
    if not step.written_id.strip():
        findings.error(step.place, _l("A step without a name cannot be reached. Give it one."))
    if not present(findings, step.raw, "id", TEXT, step.place) or isinstance(step.place[-1], int):
        return
    if step.raw["id"] != step.written_id:
        findings.error(
            (*step.place, "id"),
            _l(
                "The id “%(id)s” differs from the name “%(key)s” the step stands under. Make them equal.",
                id=shortened(step.raw["id"]),
                key=shortened(step.written_id),
            ),
        )


def _is_message(findings: ProblemList, holder: dict[str, Any], place: Place) -> bool:
    return isinstance(holder.get("message"), str) or present(findings, holder, "message", OBJECT, place)


def _check_message(message: Any, place: Place, findings: ProblemList) -> None:
    if isinstance(message, str):
        return
    present(findings, message, "text", TEXT, place)
    for index, media in objects_of(findings, message, "media", place):
        _check_media(media, (*place, "media", index), findings)


def _check_media(media: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if present(findings, media, "type", TEXT, place):
        one_of(findings, media["type"], MEDIA_TYPES, (*place, "type"))
    elif media.get("type") is None:
        findings.error(place, _l("The type is missing. Use one of: %(allowed)s.", allowed=", ".join(MEDIA_TYPES)))
    is_named = present(findings, media, "file_id", TEXT, place) and media["file_id"].strip()
    if not is_named and isinstance(media.get("file_id", ""), str | None):
        findings.error(place, _l("It is not said which file to send. Add its file_id."))
    present(findings, media, "description", TEXT, place)
    present(findings, media, "caption", TEXT, place)


def _check_variants(step: Step, findings: ProblemList) -> None:
    for index, item in objects_of(findings, step.raw, "conditions", step.place):
        place = (*step.place, "conditions", index)
        if "message" not in item and "else" not in item:
            findings.error(place, _l("This condition has no message. Add what to send when it holds."))
        for key in ("message", "else"):
            if isinstance(item.get(key), str) or present(findings, item, key, OBJECT, place):
                _check_message(item[key], (*place, key), findings)
    if not step.variants:
        findings.error(step.place, _l("A conditional message needs conditions. Add them, or make it a message."))
    elif not step.text and not any(variant.condition is None for variant in step.variants):
        findings.warning(step.place, _l("When no condition holds, nothing is sent. Add a last message without “if”."))


def _check_buttons(step: Step, findings: ProblemList) -> None:
    place = (*step.place, "buttons")
    seen: set[str] = set()
    for index, button in objects_of(findings, step.raw, "buttons", step.place):
        _check_button(button, (*place, index), findings)
        value = as_text(button.get("value"))
        if value and value in seen:
            message = _l("Two buttons have the value “%(value)s”. Make them differ.", value=shortened(value))
            findings.warning((*place, index, "value"), message)
        seen.add(value)
    count = len(step.buttons)
    fewer = [f"{each.label} ({each.limits.buttons})" for each in PLATFORMS.values() if each.limits.buttons < count]
    if fewer:
        message = _l(
            "There are %(count)s buttons, and not all messengers show so many in one message: %(messengers)s. "
            "The rest comes in a further list, or as words to type. Better split the question.",
            count=count,
            messengers=", ".join(fewer),
        )
        findings.warning(place, message)


def _check_button(button: dict[str, Any], place: Place, findings: ProblemList) -> None:
    if not present(findings, button, "text", TEXT, place) or not button["text"].strip():
        if not button.get("text"):
            findings.error(place, _l("The button has no text. Write what stands on it."))
        return
    if not present(findings, button, "value", TEXT, place):
        if button.get("value") is None:
            findings.warning(place, _l("The button has no value, its text is stored instead. Add a value."))
    elif len(button["value"].encode()) > MAX_BUTTON_VALUE_BYTES:
        findings.warning(
            (*place, "value"),
            _l(
                "The value is longer than %(most)s bytes (a Cyrillic letter takes two). Use a short word.",
                most=MAX_BUTTON_VALUE_BYTES,
            ),
        )


def _check_pace(step: Step, findings: ProblemList) -> None:
    present(findings, step.raw, "auto_next", YES_OR_NO, step.place)
    if present(findings, step.raw, "auto_next_delay", NUMBER, step.place) and step.raw["auto_next_delay"] < 0:
        findings.error((*step.place, "auto_next_delay"), _l("A wait cannot be negative. Write 0 or more seconds."))


def _check_placeholders(step: Step, known: frozenset[str], findings: ProblemList) -> None:
    for place, text, _outgoing in texts_of(step):
        for name in dict.fromkeys(BRACED.findall(text)):
            if name.strip() in known:
                if not VARIABLE_NAME.fullmatch(name.strip()):
                    findings.warning(place, BAD_NAME)
                continue
            message = _l(
                "No step asks for “%(name)s”, so it stays in the text as it is. Check the spelling.",
                name=shortened(name.strip()),
            )
            findings.warning(place, message)
