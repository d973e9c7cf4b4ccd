"""Typed views on a scenario's steps. Reading never fails: what is malformed reads as absent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from portal.scenarios.document.problems import Place

MESSAGE, CONDITIONAL_MESSAGE, ACTION = "message", "conditional_message", "action"
STEP_TYPES = (MESSAGE, CONDITIONAL_MESSAGE, ACTION)
MEDIA_TYPES = ("image", "video", "audio", "document", "photo", "animation")
INPUT_TYPES = ("text", "button", "number", "date", "phone", "email", "file", "location")
DEFAULT_AUTO_NEXT_DELAY = 1.5
MAX_AUTO_NEXT_DELAY = 30 * 24 * 3600
INTENT_SCHEME = "intent://"


class RouteKind(StrEnum):
    """When a way out of a step is taken."""

    NEXT = "next"
    AUTOMATIC = "automatic"
    CONDITION = "condition"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Button:
    """A button; without a value of its own it stands for its text."""

    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, video, sound or file that goes with a message; ``file_id`` is the portal's key of it."""

    kind: str
    file_id: str
    caption: str
    description: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the texts of a conditional message; ``condition`` None: when no other holds."""

    condition: str | None
    text: str
    media: tuple[Media, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class ExpectedInput:
    """The answer a step waits for; an empty ``variable`` means that it is not kept."""

    kind: str
    variable: str
    validation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """A way out of a step; ``target`` None is the end of the conversation."""

    kind: RouteKind
    target: str | None
    place: Place
    condition: str | None = None


def as_text(value: Any) -> str:
    """A text as it is, anything else as no text."""
    return value if isinstance(value, str) else ""


def as_object(value: Any) -> dict[str, Any]:
    """An object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def objects_in(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list with their positions; whatever else is in it is left out."""
    return ((index, item) for index, item in enumerate(as_list(value)) if isinstance(item, dict))


def has_condition(item: dict[str, Any]) -> bool:
    """Whether one of the conditions of a list has an ``if``; null counts as none."""
    return item.get("if") is not None


def _button_value(item: dict[str, Any]) -> str:
    value = item.get("value")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else as_text(item.get("value", item.get("text")))


def read_media(message: Any) -> tuple[Media, ...]:
    """The media of a message."""
    return tuple(
        Media(
            kind=as_text(item.get("type")),
            file_id=as_text(item.get("file_id")),
            caption=as_text(item.get("caption")),
            description=as_text(item.get("description")),
        )
        for _index, item in objects_in(as_object(message).get("media"))
    )


def read_message_text(message: Any) -> str:
    """The text of a message; a message may be its text alone."""
    return message if isinstance(message, str) else as_text(as_object(message).get("text"))


@dataclass(frozen=True)
class Step:
    """One step. ``id`` is the name others reach it by, ``place`` where it stands in the file.

    Within a package ``scope`` is its intent, and ``id`` names both: ``intent://<scope>/<step>``.
    """

    id: str
    place: Place
    raw: dict[str, Any]
    scope: str = ""

    @property
    def written_id(self) -> str:
        """The name the step has within its own intent."""
        return self.id.removeprefix(f"{INTENT_SCHEME}{self.scope}/") if self.scope else self.id

    @cached_property
    def kind(self) -> str:
        """``message``, ``conditional_message``, ``action``, or what is written there instead."""
        return as_text(self.raw.get("type", MESSAGE)) or MESSAGE

    @cached_property
    def text(self) -> str:
        """The text that is sent; of a conditional message the one for when no condition holds."""
        return read_message_text(self.raw.get("message"))

    @cached_property
    def media(self) -> tuple[Media, ...]:
        """What is sent with the text."""
        return read_media(self.raw.get("message"))

    @cached_property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons under the message."""
        return tuple(
            Button(text=as_text(item.get("text")), value=_button_value(item))
            for _index, item in objects_in(self.raw.get("buttons"))
        )

    @cached_property
    def expected_input(self) -> ExpectedInput | None:
        """The answer it waits for, or None. Without a type: a button where there are buttons, else a text."""
        raw = self.raw.get("expected_input")
        if not isinstance(raw, dict):
            return None
        kind = as_text(raw.get("type")) or ("button" if self.buttons else "text")
        return ExpectedInput(kind, as_text(raw.get("variable")), as_object(raw.get("validation")))

    @cached_property
    def auto_next(self) -> bool:
        """Whether the conversation goes on after sending, without an answer."""
        return self.raw.get("auto_next") is True

    @cached_property
    def auto_next_delay(self) -> float:
        """Seconds to wait before it goes on by itself, 30 days at most."""
        delay = self.raw.get("auto_next_delay")
        usable = isinstance(delay, int | float) and not isinstance(delay, bool) and delay >= 0
        return float(min(delay, MAX_AUTO_NEXT_DELAY)) if usable and delay is not None else DEFAULT_AUTO_NEXT_DELAY

    @cached_property
    def goes_on_alone(self) -> bool:
        """Whether no answer is awaited: ``auto_next``, or an action, which only decides."""
        return self.auto_next or (self.kind == ACTION and self.expected_input is None)

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """The texts of a conditional message in their order, the one without a condition last."""
        chosen: list[Variant] = []
        fallback: list[Variant] = []
        for index, item in objects_in(self.raw.get("conditions")):
            place = (*self.place, "conditions", index)
            if "message" in item:
                condition = as_text(item["if"]) if has_condition(item) else None
                kept = fallback if condition is None else chosen
                kept.append(_variant(condition, item["message"], (*place, "message")))
            if "else" in item:
                fallback.append(_variant(None, item["else"], (*place, "else")))
        return (*chosen, *fallback[:1])

    @cached_property
    def has_default(self) -> bool:
        """Whether it is said, in any of the three ways, where to go when no condition holds."""
        following = as_object(self.raw.get("next_step"))
        items = [item for _index, item in objects_in(following.get("conditions"))]
        return "else" in following or any("else" in item or not has_condition(item) for item in items)

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """Every way out, in the order in which they are tried; never empty."""
        following = self.raw.get("next_step")
        place = (*self.place, "next_step")
        if isinstance(following, dict):
            return tuple(self._within_scope(route) for route in _conditional_routes(following, place))
        kind = RouteKind.AUTOMATIC if self.goes_on_alone else RouteKind.NEXT
        place = place if "next_step" in self.raw else self.place
        return (self._within_scope(Route(kind, as_text(following) or None, place)),)

    def _within_scope(self, route: Route) -> Route:
        if not self.scope or not route.target or route.target.startswith(INTENT_SCHEME):
            return route
        return replace(route, target=f"{INTENT_SCHEME}{self.scope}/{route.target}")


def _variant(condition: str | None, message: Any, place: Place) -> Variant:
    return Variant(condition, read_message_text(message), read_media(message), place)


def _conditional_routes(following: dict[str, Any], place: Place) -> Iterator[Route]:
    defaults: list[Route] = []
    if "else" in following:
        defaults.append(_route(following, "else", place))
    for index, item in objects_in(following.get("conditions")):
        here = (*place, "conditions", index)
        if has_condition(item):
            yield _route(item, "then", here, as_text(item["if"]))
        elif "then" in item:
            defaults.append(_route(item, "then", here))
        if "else" in item:
            defaults.append(_route(item, "else", here))
    yield defaults[0] if defaults else Route(RouteKind.OTHERWISE, None, place)


def _route(item: dict[str, Any], key: str, place: Place, condition: str | None = None) -> Route:
    kind = RouteKind.OTHERWISE if condition is None else RouteKind.CONDITION
    return Route(kind, as_text(item.get(key)) or None, (*place, key) if key in item else place, condition)
