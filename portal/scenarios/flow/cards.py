"""The cards of a drawn flow: what stands on each, wrapped to its width, with its size."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from portal.scenarios.document.document import Destination, DestinationKind
from portal.scenarios.document.placeholders import PLACEHOLDER
from portal.scenarios.document.steps import INTENT_SCHEME, Step
from portal.scenarios.document.wording import _l, shortened
from portal.scenarios.flow.labels import STEP_KINDS, input_label, step_kind

CARD_WIDTH = 232.0
PADDING = 14.0
LINE_HEIGHT = 19.0
BADGE_HEIGHT = 20.0
MAX_LINES = 3

# Average width of a letter as a share of the font size, a little generous: browsers bring their own fonts.
_LETTER = 0.53
_BROAD_LETTERS = frozenset("mwMWжмфшщыюЖМФШЩЫЮ@—…")
# Stands for what the bot fills in where nobody knows the names of variables.
GAP = "…"
_TEXT_SIZE, _TITLE_SIZE, _SMALL_SIZE = 13.0, 14.0, 11.5


@dataclass(frozen=True, slots=True)
class CardText:
    """A line of text; ``y`` is its baseline, from the card's upper edge."""

    text: str
    y: float


@dataclass(frozen=True, slots=True)
class CardBadge:
    """A small label on a card; ``x`` and ``y`` of its upper left corner, from the card's."""

    text: str
    x: float
    y: float
    width: float
    kind: str = "plain"


@dataclass(slots=True)
class Card:
    """A card before it has a place. Texts are in the reader's language already."""

    kind: str
    title: CardText
    lines: list[CardText] = field(default_factory=list)
    badges: list[CardBadge] = field(default_factory=list)
    width: float = CARD_WIDTH
    height: float = 0.0


def text_width(text: str, size: float) -> float:
    """Roughly how wide a text is in pixels."""
    return sum(map(_letter_width, text)) * size


def _letter_width(letter: str) -> float:
    if letter in _BROAD_LETTERS:
        return _LETTER * 1.4
    is_wide = not letter.isascii() and unicodedata.east_asian_width(letter) in "WF"
    return _LETTER * 2 if is_wide else _LETTER


def label_width(text: str) -> float:
    """The width of a badge or of an edge's label."""
    return text_width(text, _SMALL_SIZE) + 16


def wrap(text: str, width: float, size: float, most: int) -> list[str]:
    """At most so many lines, broken between words where possible; an ellipsis stands for the rest."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text[:400].split(), width, size):
        joined = f"{line} {word}".strip()
        if text_width(joined, size) <= width:
            line = joined
            continue
        lines.append(line)
        line = word
        if len(lines) == most:
            break
    lines = [*lines, line] if line and len(lines) < most else lines
    if lines and "".join(lines).replace(" ", "") != "".join(text.split()):
        lines[-1] = lines[-1].rstrip(" .,:;—-") + "…"
    return lines


def _pieces(words: Iterable[str], width: float, size: float) -> Iterator[str]:
    longest = max(1, int(width / size / _LETTER))
    for word in words:
        for start in range(0, len(word), longest):
            yield word[start : start + longest]


def step_card(step: Step, number: int, is_start: bool, is_reachable: bool, *, plain: bool = False) -> Card:
    """The card of a step; ``number`` is its place in the list, and ``plain`` leaves out what it is called inside."""
    kind = step_kind(step)
    title = f"{number}." if plain else f"{number}. {step.id.removeprefix(INTENT_SCHEME)}"
    card = Card(kind, CardText(_fitting(title), PADDING + 38))
    top = [(str(STEP_KINDS[kind]), kind)]
    if is_start:
        top.append((str(_l("Start")), "start"))
    if not is_reachable:
        top.append((str(_l("Not reached")), "broken"))
    card.badges += _rows(top, PADDING - 2)
    y = PADDING + 44
    for line in wrap(said(card_text(step), plain), CARD_WIDTH - 2 * PADDING, _TEXT_SIZE, MAX_LINES):
        y += LINE_HEIGHT
        card.lines.append(CardText(line, y - 5))
    bottom = _rows(((text, "plain") for text in step_facts(step)), y + 8)
    card.badges += bottom
    card.height = (bottom[-1].y + BADGE_HEIGHT if bottom else y) + PADDING - 2
    return card


def said(text: str, plain: bool) -> str:
    """A text as it is shown; in a ``plain`` one a gap stands for what the bot fills in."""
    return PLACEHOLDER.sub(GAP, text) if plain else text


def card_text(step: Step) -> str:
    """The text that stands for a step: its own, or the first of its variants."""
    return step.text or next((variant.text for variant in step.variants if variant.text), "")


def step_facts(step: Step) -> list[str]:
    """What is worth knowing about a step at a glance."""
    facts = []
    if step.expected_input:
        facts.append(str(input_label(step.expected_input)))
    if step.buttons:
        facts.append(str(_l("Buttons: %(count)s", count=len(step.buttons))))
    count = len(step.media) + sum(len(variant.media) for variant in step.variants)
    if count:
        facts.append(str(_l("Attachments: %(count)s", count=count)))
    if step.auto_next:
        facts.append(str(_l("Goes on by itself")))
    return facts


def place_card(destination: Destination, *, plain: bool = False) -> Card:
    """The card of something that is no step of this file: the end, another scenario, a missing step."""
    kind = destination.kind.value
    name = str(STEP_KINDS[kind])
    if destination.kind is DestinationKind.END:
        return Card(kind, CardText(name, 26), width=label_width(name) + 56, height=42)
    card = Card(kind, CardText(_fitting(GAP if plain else destination.name), PADDING + 38), height=PADDING * 2 + 40)
    card.badges += _rows([(name, kind)], PADDING - 2)
    return card


def _fitting(title: str) -> str:
    return shortened(title, int((CARD_WIDTH - 2 * PADDING) / _TITLE_SIZE / 0.6))


def _rows(texts: Iterable[tuple[str, str]], y: float) -> list[CardBadge]:
    badges: list[CardBadge] = []
    x = PADDING
    for full, kind in texts:
        text = shortened(full, 32)
        width = label_width(text)
        if x > PADDING and x + width > CARD_WIDTH - PADDING:
            x, y = PADDING, y + BADGE_HEIGHT + 4
        badges.append(CardBadge(text, x, y, width, kind))
        x += width + 6
    return badges
