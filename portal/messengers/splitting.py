"""OutgoingMessages cut into messages that one call each can carry."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.messaging.events import Choice, FileKind, OutgoingMessage, TextSpan
from portal.messengers.markup import Run, joined, plain, runs_of, spans_of

# Where a message must have words and there are none: above a keyboard alone, and above one that goes on.
POINTING = "👇"
CONTINUED = "…"

_UNSEEN = re.compile("[\\s\u200b-\u200f\u2060-\u2064\ufeff]+")
_BOUNDARIES = ("\n\n", "\n", ". ", "! ", "? ", "; ", ", ", " ")
_JOINERS = frozenset("\u200d\ufe0f\u20e3") | {chr(tone) for tone in range(0x1F3FB, 0x1F400)}
_MAX_CLUSTER = 32

Size = Callable[[Sequence[Run]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one message of a platform holds.

    ``text`` and ``body`` (a text with buttons) are in units of ``size``, captions too (0: such a file takes none);
    ``groups`` deals the buttons out to messages; ``on_files`` whether buttons can stand below a file. ``request`` is
    the length of a text as it is sent, tags and addresses included, in bytes, and ``request_bytes`` the most of it.
    """

    text: int
    body: int
    captions: Mapping[FileKind, int]
    size: Size
    groups: Callable[[Sequence[Choice]], list[tuple[Choice, ...]]]
    on_files: bool = True
    request: Size = lambda _runs: 0
    request_bytes: int = 0

    def holds(self, runs: Sequence[Run], limit: int) -> bool:
        """Whether a text goes whole where so many units of ``size`` have room."""
        return self.size(runs) <= limit and self.request(runs) <= self.request_bytes


def utf16(text: str) -> int:
    """The length in UTF-16 units, in which messengers count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def beginning(text: str, most: int) -> str:
    """As much of a text as so many UTF-16 units hold, with no sign taken apart that people see as one."""
    if utf16(text) <= most:
        return text
    fitting = text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")
    place = len(fitting)
    while place > max(1, len(fitting) - _MAX_CLUSTER) and _is_joined(text, place):
        place -= 1
    return fitting if _is_joined(text, place) else text[:place]


def has_words(text: str) -> bool:
    """Whether there is anything to see."""
    return bool(_UNSEEN.sub("", text))


def parts_of(outgoing: OutgoingMessage, rules: Rules) -> tuple[OutgoingMessage, ...]:
    """The messages, in their order: the file, the text, the buttons with its end, further buttons."""
    runs = runs_of(outgoing.spans)
    runs = runs if has_words(plain(runs)) else []
    if outgoing.attachment and _is_caption(outgoing, runs, rules):
        return (outgoing,)
    return tuple(_parts(outgoing, runs, rules))


def _is_caption(outgoing: OutgoingMessage, runs: list[Run], rules: Rules) -> bool:
    assert outgoing.attachment
    has_buttons = bool(outgoing.choices or outgoing.button_request)
    fits = not runs or rules.holds(runs, rules.captions[outgoing.attachment.kind])
    return fits and (not has_buttons or (rules.on_files and len(rules.groups(outgoing.choices)) <= 1))


def _parts(outgoing: OutgoingMessage, runs: list[Run], rules: Rules) -> Iterator[OutgoingMessage]:
    bare = replace(outgoing, spans=(), choices=(), attachment=None, button_request=None)
    if outgoing.attachment:
        yield replace(bare, attachment=outgoing.attachment)
    groups = rules.groups(outgoing.choices) or [()]
    has_buttons = bool(outgoing.choices or outgoing.button_request)
    if not runs and has_buttons:
        runs = [Run(POINTING)]
    pieces = _pieces(runs, rules, has_buttons)
    for piece in pieces[:-1]:
        yield replace(bare, spans=spans_of(piece))
    if pieces:
        is_whole = len(pieces) == 1 and runs == runs_of(outgoing.spans)
        spans = outgoing.spans if is_whole else spans_of(pieces[-1])
        yield replace(bare, spans=spans, choices=groups[0], button_request=outgoing.button_request)
    for group in groups[1:]:
        yield replace(bare, spans=(TextSpan(CONTINUED),), choices=group)


def _pieces(runs: list[Run], rules: Rules, has_buttons: bool) -> list[list[Run]]:
    pieces = _cut(runs, rules.text, rules) if runs else []
    if pieces and has_buttons:
        pieces[-1:] = _cut(pieces[-1], rules.body, rules)
    return pieces


def _cut(runs: list[Run], limit: int, rules: Rules) -> list[list[Run]]:
    """A text in pieces of at most ``limit``, ended where a reader would end them."""
    pieces = []
    # No sign takes less than one unit: what has more signs than there are units is not measured.
    while runs and (len(text := plain(runs)) > limit or not rules.holds(runs, limit)):
        end = _boundary(text, _longest(_taken(runs, 0, limit), limit, rules))
        pieces.append(_trimmed(_taken(runs, 0, end)))
        runs = _trimmed(_taken(runs, end, len(text)))
    return [piece for piece in (*pieces, runs) if has_words(plain(piece))]


def _longest(runs: list[Run], limit: int, rules: Rules) -> int:
    """The number of characters that fit, at least one."""
    low, high = 1, len(plain(runs))
    while low < high:
        middle = (low + high + 1) // 2
        if rules.holds(_taken(runs, 0, middle), limit):
            low = middle
        else:
            high = middle - 1
    return low


def _boundary(text: str, end: int) -> int:
    """The best place to cut at or before ``end``, in the second half where there is one."""
    for mark in _BOUNDARIES:
        found = text.rfind(mark, end // 2, end)
        if found > 0:
            return found + len(mark)
    place = end
    while place > max(1, end - _MAX_CLUSTER) and _is_joined(text, place):
        place -= 1
    return end if _is_joined(text, place) else place


def _is_joined(text: str, place: int) -> bool:
    """Whether a cut there would take a sign apart that people see as one."""
    if place >= len(text):
        return False
    after, before = text[place], text[place - 1]
    return after in _JOINERS or before == "\u200d" or unicodedata.combining(after) > 0


def _taken(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    taken, place = [], 0
    for run in runs:
        if place >= end:
            break
        piece = run.text[max(0, start - place) : max(0, end - place)]
        if piece:
            taken.append(Run(piece, run.tags))
        place += len(run.text)
    return taken


def _trimmed(runs: list[Run]) -> list[Run]:
    """Without space at both ends."""
    text = plain(runs)
    start = len(text) - len(text.lstrip())
    return joined(_taken(runs, start, max(start, len(text.rstrip()))))
