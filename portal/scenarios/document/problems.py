"""What can be wrong with a scenario, said so that its author finds the place and knows what to do."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.scenarios.document.wording import Phrase, shortened

Place = tuple[str | int, ...]

# A hostile file can hold a problem in every other character; nobody reads more than this of a kind.
MAX_PROBLEMS = 200

_PLAIN_KEY = re.compile(r"[\w-]+")


class Severity(StrEnum):
    """An error keeps the scenario from working as written; a warning is worth a look; a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``place`` reads like ``steps.ask_name.buttons[2].value`` (empty: the whole file), ``step_id`` names the
    step it is in; ``line`` and ``column`` count from 1 in the source text and are None where there is none.
    """

    severity: Severity
    message: Phrase
    place: str = ""
    step_id: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def is_error(self) -> bool:
        """Whether the scenario cannot work before this is repaired."""
        return self.severity is Severity.ERROR


class ScenarioUnreadable(ValueError):
    """A text that is no scenario at all; ``problem`` says why and where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem.message)


def readable_place(place: Place) -> str:
    """A path as text: ``steps.ask_name.buttons[2].value``; keys with unusual characters stand in brackets."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{shortened(part)}" if text else shortened(part)
        else:
            text += f"[“{shortened(part)}”]"
    return text


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether at least one of the problems is an error."""
    return any(problem.is_error for problem in problems)


class ProblemList:
    """Collects the problems of one document, at most :data:`MAX_PROBLEMS` of each severity.

    :meth:`within` collects on behalf of one step.
    """

    def __init__(self, line_of: Callable[[Place], int | None]) -> None:
        self._found: dict[Severity, list[Problem]] = {severity: [] for severity in Severity}
        self._line_of = line_of
        self._step_id: str | None = None

    @property
    def problems(self) -> list[Problem]:
        """Errors, then warnings, then notes, each in the order of the file."""
        ordered = (sorted(found, key=lambda problem: problem.line or 0) for found in self._found.values())
        return [problem for found in ordered for problem in found]

    def within(self, step_id: str) -> "ProblemList":
        """ProblemList into the same lists, about the named step."""
        inner = ProblemList(self._line_of)
        inner._found = self._found
        inner._step_id = step_id
        return inner

    def error(self, place: Place, message: Phrase) -> None:
        """Something that keeps the scenario from working as written."""
        self._add(Severity.ERROR, place, message)

    def warning(self, place: Place, message: Phrase) -> None:
        """Something worth a look."""
        self._add(Severity.WARNING, place, message)

    def note(self, place: Place, message: Phrase) -> None:
        """Something that works, and not quite as an author might think."""
        self._add(Severity.NOTE, place, message)

    def _add(self, severity: Severity, place: Place, message: Phrase) -> None:
        found = self._found[severity]
        if len(found) < MAX_PROBLEMS:
            found.append(Problem(severity, message, readable_place(place), self._step_id, self._line_of(place)))
