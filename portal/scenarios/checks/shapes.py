"""Checks of JSON types: whether what stands somewhere is what belongs there."""

from typing import Any

from portal.scenarios.document.problems import Place, ProblemList
from portal.scenarios.document.wording import Phrase, _l, shortened

TEXT = _l("a text in double quotes")
NUMBER = _l("a number without quotes")
WHOLE_NUMBER = _l("a whole number without quotes, 0 or more")
YES_OR_NO = _l("true or false, without quotes")
OBJECT = _l("an object in braces { }")
LIST = _l("a list in brackets [ ]")
TEXT_OR_NUMBER = _l("a text or a number")


def fits(value: Any, shape: Phrase) -> bool:
    """Whether a JSON value has the shape."""
    if shape is YES_OR_NO:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if shape is WHOLE_NUMBER:
        return isinstance(value, int) and value >= 0
    types: dict[Phrase, Any] = {
        TEXT: str,
        NUMBER: int | float,
        OBJECT: dict,
        LIST: list,
        TEXT_OR_NUMBER: str | int | float,
    }
    return isinstance(value, types[shape])


def present(findings: ProblemList, holder: dict[str, Any], key: str, shape: Phrase, place: Place) -> bool:
    """Whether the key is there with the right shape; a wrong shape is an error, null counts as absent."""
    value = holder.get(key)
    if value is None:
        return False
    if fits(value, shape):
        return True
    findings.error((*place, key), _l("Here %(shape)s is expected. Write it that way.", shape=shape))
    return False


def objects_of(
    findings: ProblemList, holder: dict[str, Any], key: str, place: Place
) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a list with their positions; everything in it that is no object is an error."""
    if not present(findings, holder, key, LIST, place):
        return []
    items = []
    for index, item in enumerate(holder[key]):
        if isinstance(item, dict):
            items.append((index, item))
        else:
            findings.error((*place, key, index), _l("Here %(shape)s is expected. Write it that way.", shape=OBJECT))
    return items


def one_of(findings: ProblemList, value: str, allowed: tuple[str, ...], place: Place) -> None:
    """An error when the value is none of the allowed words."""
    if value not in allowed:
        findings.error(
            place,
            _l(
                "“%(value)s” is not known. Use one of: %(allowed)s.",
                value=shortened(value),
                allowed=", ".join(allowed),
            ),
        )
