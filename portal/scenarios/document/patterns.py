"""Regular expressions that scenarios bring along for checking answers."""

import re
from functools import cache, lru_cache
from typing import Any

import re2

from portal.scenarios.document.wording import Phrase, _l, shortened

_SIGN = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\[", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<sign>{_SIGN.pattern})|\{{(?P<at_most>,[0-9]*)\}}", re.DOTALL
)
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # an author's mistake is no line of the log
_OPTIONS.never_capture = True


# What following costs: so many places of a pattern may be held at each letter of a text. Together they bound one answer
# to some milliseconds; larger programs take too long to build.
MAX_PLACES = 1000
MAX_WORK = 800_000
MAX_PROGRAM = 120_000


class Unfollowed(ValueError):
    """The pattern holds what cannot be followed in bounded time, or is far too large."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern; raises :class:`Unfollowed`, and ``re.error`` for what is no pattern."""
    program, longest = _compiled(pattern), MAX_WORK // _places(pattern)
    # A text that is longer than can be followed in time does not fit.
    return len(text) <= longest and program.fullmatch(text.encode("utf-8", "replace").decode()) is not None


def check_followed(pattern: str) -> None:
    """Raise :class:`Unfollowed` where :func:`matches` would."""
    _compiled(pattern)


def _compiled(pattern: str) -> Any:
    re.compile(pattern)
    program = _program(pattern)
    if program is None:
        raise Unfollowed
    return program


@lru_cache(maxsize=128)
def _program(pattern: str) -> Any:
    """What follows it; None, remembered as well, where nothing does in time."""
    try:
        return _built(pattern)
    except Unfollowed:
        return None


def _built(pattern: str) -> Any:
    if _places(pattern) > MAX_PLACES:
        raise Unfollowed
    try:
        program = re2.compile(_TOKEN.sub(_written_out, pattern), _OPTIONS)
    except (re2.error, UnicodeEncodeError) as error:
        raise Unfollowed from error
    if program.programsize > MAX_PROGRAM:
        raise Unfollowed
    return program


@lru_cache(maxsize=512)
def _places(pattern: str) -> int:
    """How many places a pattern has, repetitions written out, whatever letters it takes at each."""
    try:
        return max(int(re2.compile(_TOKEN.sub(_one_letter, pattern), _OPTIONS).programsize), 1)
    except (re2.error, UnicodeEncodeError) as error:
        raise Unfollowed from error


def _one_letter(token: re.Match[str]) -> str:
    if token["set"] or (token["sign"] and token["sign"][1:2] not in ("b", "B", "A", "Z")):
        return "a"
    return "" if token["sign"] else f"{{0{token['at_most']}}}"


def _written_out(token: re.Match[str]) -> str:
    if token["set"]:
        return "[" + _SIGN.sub(lambda sign: _in_set(sign[0]), token["set"][1:])
    if token["sign"]:
        written = _in_set(token["sign"])
        return f"[{written}]" if token["sign"][1] in "wWdDsS" else written
    return f"{{0{token['at_most']}}}"


def _in_set(sign: str) -> str:
    """An escape as RE2 reads it within ``[...]``; there it takes a bare ``[`` for the start of ``[:alpha:]``."""
    if sign == "[":
        return r"\["
    if len(sign) > 2:
        return rf"\x{{{sign[2:]}}}"
    if sign[1] in "wWdDsS":
        return _ranges(sign)
    if sign[1] in "123456789bBAZ":
        raise Unfollowed
    return sign if sign.isascii() else sign[1]


@cache
def _ranges(kind: str) -> str:
    """All that Python counts among ``\\w`` and its like; to RE2 only ASCII is."""
    runs = re.finditer(kind + "+", "".join(map(chr, range(0x110000))))
    return "".join(rf"\x{{{ord(run[0][0]):x}}}-\x{{{ord(run[0][-1]):x}}}" for run in runs)


MAX_PATTERN_LENGTH = 200

_PART = re.compile(
    r"""(?P<escaped>\\.)
      | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
      | (?P<open>\()
      | (?P<close>\))
      | (?P<repeat>[*+]|\{[0-9]*,\})
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def pattern_fault(pattern: str) -> Phrase | None:
    """What is wrong with a pattern in plain words, or None.

    A repetition inside a repeated group, such as ``(a+)+``, is refused although RE2 follows it: a package may be
    read by programs whose matcher tries exponentially many ways through it.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        return _l("The pattern is longer than %(most)s characters. Shorten it.", most=MAX_PATTERN_LENGTH)
    return _fault(pattern)


@lru_cache(maxsize=512)
def _fault(pattern: str) -> Phrase | None:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return _l("The pattern cannot be read (%(reason)s). Correct or remove it.", reason=shortened(str(error)))
    if _repeats_a_repetition(pattern):
        return _l("The pattern repeats a group that repeats itself and could take for ever. Remove one + or *.")
    try:
        check_followed(pattern)
    except Unfollowed:
        return _l("The pattern is too large, or looks around or back, and could take for ever. Write it more simply.")
    return None


def fits_pattern(pattern: str, text: str) -> bool:
    """Whether the whole text fits; a pattern that cannot be read, or not in bounded time, asks for nothing."""
    try:
        return len(pattern) > MAX_PATTERN_LENGTH or matches(pattern, text)
    except (re.error, RecursionError, OverflowError, Unfollowed):
        return True


def _repeats_a_repetition(pattern: str) -> bool:
    """Whether an unlimited repetition follows a group that holds one; ``pattern`` compiles."""
    open_groups = [False]
    closed_group_repeats = False
    for token in _PART.finditer(pattern):
        kind = token.lastgroup
        if kind == "repeat" and closed_group_repeats:
            return True
        closed_group_repeats = kind == "close" and open_groups[-1]
        match kind:
            case "open":
                open_groups.append(False)
            case "close" if len(open_groups) > 1:
                inner = open_groups.pop()
                open_groups[-1] = open_groups[-1] or inner
            case "repeat":
                open_groups[-1] = True
    return False
