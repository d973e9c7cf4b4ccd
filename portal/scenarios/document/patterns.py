"""Regular expressions that scenarios bring along for checking answers."""

import re
from functools import lru_cache

from portal.scenarios.document.pattern_matching import Unfollowed, check_followed, matches
from portal.scenarios.document.wording import Phrase, _l, shortened

MAX_PATTERN_LENGTH = 200

_TOKEN = re.compile(
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
    for token in _TOKEN.finditer(pattern):
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
