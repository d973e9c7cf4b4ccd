"""Patterns of authors, matched in a time that grows with the length of the answer and of the pattern alone.

Python's own matcher tries ways one after the other and can take for ever (``(a|aa){1,60}b``). Here all ways are
followed side by side. What cannot be followed so, looking around and referring back, is refused.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

MAX_STATES = 2500
# States times characters: about a second of work. A longer answer does not fit.
MAX_WORK = 2_000_000
_LONGEST_REPEAT = 1000
_REPEAT = re.compile(r"(?P<sign>[*+?])|\{(?P<low>[0-9]*)(?P<comma>,)?(?P<high>[0-9]*)\}")
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(?::|P<\w+>))?")
_FLAGS = re.compile(r"\(\?(?P<flags>[aims]+)\)")
_UNFOLLOWED = re.compile(r"\\[1-9]|\\[bBAZ]")


class Unfollowed(ValueError):  # noqa: N818 -- the kind of pattern, not a failure of ours
    """The pattern holds what cannot be followed in bounded time, or is far too large."""


@dataclass(slots=True)
class _State:
    """Either a test of one character, or ways on that take none. ``edge``: ``^`` or ``$``."""

    test: "re.Pattern[str] | None" = None
    edge: str = ""
    after: list[int] = field(default_factory=list)


Node = tuple[str, Any]


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern; raises :class:`Unfollowed`, and ``re.error`` for what is no pattern."""
    return _compiled(pattern).matches(text)


def check_followed(pattern: str) -> None:
    """Raise :class:`Unfollowed` where :func:`matches` would."""
    _compiled(pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "_Machine":
    return _Machine(pattern)


class _Machine:
    def __init__(self, pattern: str) -> None:
        flags = _FLAGS.match(pattern)
        self.flags = re.NOFLAG
        for letter in flags["flags"] if flags else "":
            self.flags |= getattr(re, letter.upper())
        re.compile(pattern)
        self.pattern = pattern
        self.position = flags.end() if flags else 0
        self.states: list[_State] = []
        tree = self.alternatives()
        if self.position < len(pattern):
            raise Unfollowed
        self.last = self.state()
        self.first = self.build(tree, self.last)

    def alternatives(self) -> Node:
        branches = [self.sequence()]
        while self.pattern.startswith("|", self.position):
            self.position += 1
            branches.append(self.sequence())
        return ("any", branches)

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            items.append(self.repeated(self.item()))
        return ("all", items)

    def item(self) -> Node:
        group = _GROUP.match(self.pattern, self.position)
        if group:
            self.position = group.end()
            if self.pattern.startswith("?", self.position):
                raise Unfollowed
            inner = self.alternatives()
            self.position += 1
            return inner
        atom = _ATOM.match(self.pattern, self.position)
        if atom is None or _UNFOLLOWED.match(atom[0]):
            raise Unfollowed
        self.position = atom.end()
        return ("edge", atom[0]) if atom[0] in "^$" else ("one", re.compile(self.whole_atom(atom[0]), self.flags))

    def whole_atom(self, atom: str) -> str:
        """``\\x41`` and its like are longer than a sign and what follows it."""
        longer = re.compile(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|0[0-7]{0,2}").match(self.pattern, self.position - 1)
        if atom[0] == "\\" and longer:
            self.position = longer.end()
            return "\\" + longer[0]
        return atom

    def repeated(self, item: Node) -> Node:
        found = _REPEAT.match(self.pattern, self.position)
        if not found or found[0] == "{}":
            return item
        self.position = found.end()
        if self.pattern[self.position : self.position + 1] == "+":
            raise Unfollowed
        # A whole text is matched: whether a repetition is greedy makes no difference.
        self.position += self.pattern.startswith("?", self.position)
        low, high = _bounds(found)
        if max(low, high or 0) > _LONGEST_REPEAT:
            raise Unfollowed
        return self.repeated(("times", (item, low, high)))

    def state(self) -> int:
        if len(self.states) >= MAX_STATES:
            raise Unfollowed
        self.states.append(_State())
        return len(self.states) - 1

    def build(self, node: Node, after: int) -> int:
        """The state where the node begins when ``after`` follows it."""
        kind, held = node
        match kind, held:
            case "all", list(items):
                for item in reversed(items):
                    after = self.build(item, after)
                return after
            case "any", list(branches):
                return self.fork([self.build(branch, after) for branch in branches])
            case "times", (item, int(low), high):
                return self.build_repeat(item, low, high, after)
            case "edge", str(edge):
                start = self.fork([after])
                self.states[start].edge = edge
                return start
            case _, test:
                start = self.fork([after])
                self.states[start].test = test
                return start

    def fork(self, ways: list[int]) -> int:
        start = self.state()
        self.states[start].after = ways
        return start

    def build_repeat(self, item: Node, low: int, high: int | None, after: int) -> int:
        if high is None:
            loop = self.fork([after])
            self.states[loop].after.append(self.build(item, loop))
            after = loop
        for _more in range((high or low) - low):
            after = self.fork([after, self.build(item, after)])
        for _needed in range(low):
            after = self.build(item, after)
        return after

    def matches(self, text: str) -> bool:
        if len(text) * len(self.states) > MAX_WORK:
            return False
        current = self.spread([self.first], text, 0)
        for position, letter in enumerate(text):
            tests = (self.states[number] for number in current)
            following = [state.after[0] for state in tests if state.test and state.test.fullmatch(letter)]
            if not following:
                return False
            current = self.spread(following, text, position + 1)
        return self.last in current

    def spread(self, numbers: list[int], text: str, position: int) -> set[int]:
        """All states reached without taking a character."""
        found: set[int] = set()
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found.add(number)
            state = self.states[number]
            if state.test is None and self.passes(state.edge, text, position):
                waiting += state.after
        return found

    def passes(self, edge: str, text: str, position: int) -> bool:
        if not edge:
            return True
        at_line = self.flags & re.MULTILINE and "\n" in text[max(position - 1, 0) : position + 1]
        return bool(at_line) or position == (0 if edge == "^" else len(text))


def _bounds(found: "re.Match[str]") -> tuple[int, int | None]:
    if found["sign"]:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[found["sign"]]
    low = int(found["low"] or 0)
    if not found["comma"]:
        return low, low
    return low, int(found["high"]) if found["high"] else None
