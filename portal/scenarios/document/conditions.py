"""Conditions of a scenario, such as ``position == 'cook' and not age < 18``: parsed to a tree and evaluated.

One parser and one evaluator for everybody who needs either; nothing is ever handed to Python's ``eval``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.scenarios.document.wording import Phrase, _l, shortened

MAX_CONDITION_LENGTH = 1000
MAX_CONDITION_DEPTH = 20

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<operator>==|!=|>=|<=|>|<)
      | (?P<bracket>[()])
      | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<word>(?:[^\s()<>=!"']|!(?!=)|(?<!=)=(?!=))(?:[^\s()<>=!]|!(?!=)|(?<!=)=(?!=))*)
    )""",
    re.VERBOSE | re.DOTALL,
)
_VARIABLE = re.compile(r"[^\s{}!='\"]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One variable compared with a text; ``exists`` leaves ``value`` empty."""

    variable: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Negation:
    """True when the operand is false."""

    operand: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every operand is (``and``)."""

    operands: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one operand is (``or``)."""

    operands: tuple["Condition", ...]


Condition = Comparison | Negation | AllOf | AnyOf


class ConditionError(ValueError):
    """A condition that cannot be read; ``message`` says why, ``position`` at which character."""

    def __init__(self, message: Phrase, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def says(self, *keywords: str) -> bool:
        return self.kind == "word" and self.text.lower() in keywords


def parse_condition(text: str) -> Condition:
    """The tree of a condition; raises :class:`ConditionError` for everything else."""
    if len(text) > MAX_CONDITION_LENGTH:
        raise ConditionError(_l("It is longer than %(most)s characters.", most=MAX_CONDITION_LENGTH), 0)
    parser = _Parser(text)
    condition = parser.any_of(0)
    if parser.token.kind != "end":
        raise ConditionError(
            _l(
                "“%(word)s” is not expected there. Put quotes around a value that holds signs.",
                word=shortened(parser.token.text),
            ),
            parser.token.start,
        )
    return condition


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ConditionError(_unreadable(text[position:].lstrip()), position)
        kind = str(match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind), match.end())
        position = match.end()
    yield _Token("end", "", end, end)


def _unreadable(rest: str) -> Phrase:
    if rest[:1] in "'\"":
        return _l("A quote is opened and never closed.")
    return _l("“%(sign)s” cannot be read there. Compare with == or !=.", sign=rest[:1])


class _Parser:
    """Recursive descent over the tokens: or < and < not < comparison."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.index = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def take(self) -> _Token:
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def any_of(self, depth: int) -> Condition:
        operands = [self.all_of(depth)]
        while self.token.says("or"):
            self.take()
            operands.append(self.all_of(depth))
        return operands[0] if len(operands) == 1 else AnyOf(tuple(operands))

    def all_of(self, depth: int) -> Condition:
        operands = [self.operand(depth)]
        while self.token.says("and"):
            self.take()
            operands.append(self.operand(depth))
        return operands[0] if len(operands) == 1 else AllOf(tuple(operands))

    def operand(self, depth: int) -> Condition:
        if depth > MAX_CONDITION_DEPTH:
            raise ConditionError(_l("It has too many brackets or “not” inside each other."), self.token.start)
        if self.token.says("not"):
            self.take()
            return Negation(self.operand(depth + 1))
        if self.token.text == "(" and self.token.kind == "bracket":
            self.take()
            inner = self.any_of(depth + 1)
            self.close_bracket()
            return inner
        return self.comparison()

    def close_bracket(self) -> None:
        if self.token.kind != "bracket" or self.token.text != ")":
            raise ConditionError(_l("A bracket is opened and never closed."), self.token.start)
        self.take()

    def comparison(self) -> Condition:
        if self.token.says("exists") and self.tokens[self.index + 1].kind in ("word", "bracket"):
            return self.exists_of()
        variable = self.variable()
        operator = self.take()
        if operator.says("exists"):
            return Comparison(variable, "exists")
        if operator.says("contains") or operator.kind == "operator":
            return Comparison(variable, operator.text.lower(), self.value())
        raise ConditionError(
            _l(
                "After “%(variable)s” one of ==, !=, >, <, >=, <=, contains or exists is expected.",
                variable=shortened(variable),
            ),
            operator.start,
        )

    def exists_of(self) -> Condition:
        self.take()
        if self.token.kind != "bracket":
            return Comparison(self.variable(), "exists")
        self.take()
        variable = self.variable()
        self.close_bracket()
        return Comparison(variable, "exists")

    def variable(self) -> str:
        token = self.take()
        if token.kind != "word" or token.says("and", "or", "not") or not _VARIABLE.fullmatch(token.text):
            raise ConditionError(_l("The name of a variable is expected, without quotes or braces."), token.start)
        return token.text

    def value(self) -> str:
        first = self.take()
        if first.kind == "quoted":
            return re.sub(r"\\(.)", r"\1", first.text[1:-1], flags=re.DOTALL)
        if first.kind != "word" or first.says("and", "or"):
            raise ConditionError(_l("A value to compare with is expected after the sign."), first.start)
        end = first.end
        while self.token.kind == "word" and not self.token.says("and", "or"):
            end = self.take().end
        return self.text[first.start : end]


def variables_of(condition: Condition) -> set[str]:
    """The names of all variables the condition looks at."""
    match condition:
        case Comparison(variable=variable):
            return {variable}
        case Negation(operand=operand):
            return variables_of(operand)
        case AllOf(operands=operands) | AnyOf(operands=operands):
            return set().union(*(variables_of(operand) for operand in operands))


def evaluate(condition: Condition, variables: Mapping[str, Any]) -> bool:
    """Whether the condition holds for the stored variables (raw values, not their labels).

    Equality is by text. Ordering is by number, and false when a side is missing or no number. ``contains``
    looks for a text within a text, or for an item of a list. ``exists`` holds for a variable that was set,
    even empty. A missing variable equals nothing.
    """
    match condition:
        case Comparison():
            return _compare(condition, variables)
        case Negation(operand=operand):
            return not evaluate(operand, variables)
        case AllOf(operands=operands):
            return all(evaluate(operand, variables) for operand in operands)
        case AnyOf(operands=operands):
            return any(evaluate(operand, variables) for operand in operands)


def _compare(comparison: Comparison, variables: Mapping[str, Any]) -> bool:
    is_set = comparison.variable in variables
    value = variables.get(comparison.variable)
    match comparison.operator:
        case "exists":
            return is_set
        case "==":
            return value is not None and text_of(value) == comparison.value
        case "!=":
            return value is None or text_of(value) != comparison.value
        case "contains":
            return value is not None and _contains(value, comparison.value)
        case _:
            return _ordered(_as_number(value), comparison.operator, _as_number(comparison.value))


def _ordered(left: Decimal | None, operator: str, right: Decimal | None) -> bool:
    if left is None or right is None:
        return False
    match operator:
        case ">":
            return left > right
        case "<":
            return left < right
        case ">=":
            return left >= right
        case _:
            return left <= right


def _contains(value: Any, wanted: str) -> bool:
    if isinstance(value, list):
        return any(text_of(item) == wanted for item in value)
    return wanted in text_of(value)


def text_of(value: Any) -> str:
    """A stored value as conditions and the labels of values see it; 4.0 reads like 4."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False, default=str)


def _as_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = value.strip() if isinstance(value, str) else repr(value)
    return Decimal(text) if _NUMBER.fullmatch(text) else None
