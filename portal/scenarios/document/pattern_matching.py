"""Patterns of authors, matched by RE2 in a time that grows with the length of the answer and of the pattern alone.

Authors write as for Python, whose own matcher tries ways one after the other and can take for ever
(``(a|aa){1,60}b``). What RE2 reads in another sense is written out for it. What it cannot follow, looking around and
referring back, is refused. ``$`` is the end of the answer, never the place before a last line break.
"""

import re
from functools import cache
from typing import Any

import re2

_SIGN = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\[", re.DOTALL)
_TOKEN = re.compile(
    rf"(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<sign>{_SIGN.pattern})|\{{(?P<at_most>,[0-9]*)\}}", re.DOTALL
)
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # an author's mistake is no line of the log
_OPTIONS.never_capture = True


class Unfollowed(ValueError):
    """The pattern holds what cannot be followed in bounded time, or is far too large."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern; raises :class:`Unfollowed`, and ``re.error`` for what is no pattern."""
    return _compiled(pattern).fullmatch(text.encode("utf-8", "replace").decode()) is not None


def check_followed(pattern: str) -> None:
    """Raise :class:`Unfollowed` where :func:`matches` would."""
    _compiled(pattern)


def _compiled(pattern: str) -> Any:
    re.compile(pattern)
    try:
        return re2.compile(_TOKEN.sub(_written_out, pattern), _OPTIONS)  # which keeps the last 128
    except (re2.error, UnicodeEncodeError) as error:
        raise Unfollowed from error


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
