"""What a step says: its media first, then its text with the buttons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal.messaging.events import (
    Attachment,
    ButtonRequest,
    Choice,
    FileKind,
    OutgoingMessage,
    TextSpan,
    button_marker,
)
from portal.scenarios.document.steps import ACTION, CONDITIONAL_MESSAGE, ExpectedInput, Media, Step
from portal.scenarios.document.wording import Phrase
from portal.scenarios.engine import phrases
from portal.scenarios.engine.phrases import Say
from portal.scenarios.engine.program import Program, variant_of
from portal.scenarios.engine.texts import fill

# A caption of this length fits on every messenger.
SHARED_CAPTION = 500
# A step with more media says no more than these: a chat is no album.
MAX_MEDIA = 20

_KINDS = {
    "image": FileKind.IMAGE,
    "photo": FileKind.IMAGE,
    "video": FileKind.VIDEO,
    "audio": FileKind.AUDIO,
    "animation": FileKind.ANIMATION,
}
_BUTTON_REQUESTS = {"phone": ButtonRequest.PHONE, "location": ButtonRequest.LOCATION}


@dataclass(frozen=True, slots=True)
class Option:
    """A button of a step as the person sees it; ``index`` is its place in the scenario."""

    index: int
    label: str
    value: str


def kind_of(media: Media) -> FileKind:
    """The kind of file that it is sent as."""
    return _KINDS.get(media.kind, FileKind.DOCUMENT)


def awaited(step: Step) -> ExpectedInput | None:
    """The answer that a step waits for. Buttons without ``expected_input`` wait for one that is not kept."""
    if step.goes_on_alone:
        return None
    return step.expected_input or (ExpectedInput("button", "", {}) if step.buttons else None)


def options_of(program: Program, step: Step, variables: Mapping[str, Any]) -> tuple[Option, ...]:
    """The buttons of a step; one without any word on it is left out."""
    return tuple(
        Option(index, label, button.value)
        for index, button in enumerate(step.buttons)
        if (label := _plain(program, button.text or button.value, variables).strip())
    )


def choices_of(options: tuple[Option, ...], turn: int) -> tuple[Choice, ...]:
    """The buttons as they are sent."""
    return tuple(Choice(option.label, button_marker(turn, option.index)) for option in options)


def wish_of(step: Step) -> ButtonRequest | None:
    """A button of the platform's own that helps to answer."""
    expected = awaited(step)
    return _BUTTON_REQUESTS.get(expected.kind) if expected and not step.buttons else None


def said(phrase: Phrase, say: Say) -> tuple[TextSpan, ...]:
    """The engine's own words; they hold no markup, so they are escaped like typed ones."""
    return (TextSpan(say(phrase), typed=True),)


def spoken(
    program: Program, step: Step, variables: Mapping[str, Any], turn: int, say: Say
) -> tuple[OutgoingMessage, ...]:
    """Everything that entering a step sends; an action sends nothing."""
    if step.kind == ACTION:
        return ()
    variant = variant_of(step, variables) if step.kind == CONDITIONAL_MESSAGE else None
    media = variant.media if variant else step.media
    text = fill(variant.text if variant else step.text, variables, program.label)
    choices = choices_of(options_of(program, step, variables), turn)
    messages = list(_attached(program, media, variables))
    if _fits_as_caption(messages, text, bool(choices)):
        messages = [replace(messages[0], spans=text)]
    elif "".join(span.text for span in text).strip():
        messages.append(OutgoingMessage(text, choices))
    elif choices:
        messages.append(OutgoingMessage(said(phrases.CHOOSE, say), choices))
    if messages and not choices:
        messages[-1] = replace(messages[-1], button_request=wish_of(step))
    return tuple(replace(message, step_id=step.id, turn=turn) for message in messages)


def _attached(program: Program, media: tuple[Media, ...], variables: Mapping[str, Any]) -> Iterator[OutgoingMessage]:
    for item in media[:MAX_MEDIA]:
        if item.file_id.strip():
            caption = fill(item.caption, variables, program.label)
            yield OutgoingMessage(caption, attachment=Attachment(kind_of(item), item.file_id.strip(), item.description))


def _fits_as_caption(messages: list[OutgoingMessage], text: tuple[TextSpan, ...], has_choices: bool) -> bool:
    """One file without a caption of its own takes a short text along, unless buttons belong to the text."""
    is_alone = len(messages) == 1 and not messages[0].spans and not has_choices
    return is_alone and 0 < len("".join(span.text for span in text).strip()) <= SHARED_CAPTION


def _plain(program: Program, template: str, variables: Mapping[str, Any]) -> str:
    return "".join(span.text for span in fill(template, variables, program.label))
