"""Two versions of a scenario side by side, for people; built within a request, in the reader's language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from portal.scenarios.comparison.descriptions import Field, mapping_fields, step_fields, top_fields
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.steps import Step
from portal.scenarios.document.wording import shortened
from portal.scenarios.flow.cards import card_text
from portal.scenarios.flow.labels import STEP_KINDS, step_kind

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# Finding common runs takes time with the product of the lengths; a whole comparison may use so much.
MAX_CELLS = 4_000_000
# So many steps that came, went or changed are shown; of the others it is said how many they are.
MAX_LISTED = 200
SAID = frozenset({"name", "description", "message.text"})


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a text; ``is_changed``: the other version does not have it."""

    text: str
    is_changed: bool


class WordDiff:
    """Compares texts until its budget is used up; after that the whole text counts as changed."""

    def __init__(self) -> None:
        self.cells_left = MAX_CELLS

    def parts(self, before: str, after: str) -> tuple[tuple[TextPart, ...], tuple[TextPart, ...]]:
        """Both versions in pieces, the changed ones marked."""
        old, new = _WORD.findall(before), _WORD.findall(after)
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
        cost = len(old_middle) * len(new_middle)
        if cost > self.cells_left:
            return (TextPart(before, True),), (TextPart(after, True),)
        self.cells_left -= cost
        matcher = SequenceMatcher(None, old_middle, new_middle)
        shared = [block for block in matcher.get_matching_blocks() if block.size]
        same_old = [(block.a, block.size) for block in shared]
        same_new = [(block.b, block.size) for block in shared]
        first, last = "".join(old[:head]), "".join(old[len(old) - tail :])
        return _joined(first, old_middle, same_old, last), _joined(first, new_middle, same_new, last)


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(first: str, words: list[str], same: list[tuple[int, int]], last: str) -> tuple[TextPart, ...]:
    parts = [TextPart(first, False)]
    position = 0
    for start, size in same:
        parts.append(TextPart("".join(words[position:start]), True))
        parts.append(TextPart("".join(words[start : start + size]), False))
        position = start + size
    parts.append(TextPart("".join(words[position:]), True))
    parts.append(TextPart(last, False))
    return tuple(_merged([part for part in parts if part.text]))


def _merged(parts: list[TextPart]) -> list[TextPart]:
    """Neighbours of a kind as one; a space between two changed words counts as changed with them."""
    merged: list[TextPart] = []
    for index, part in enumerate(parts):
        is_between = 0 < index < len(parts) - 1 and part.text == " "
        is_changed = part.is_changed or (is_between and merged[-1].is_changed and parts[index + 1].is_changed)
        if merged and merged[-1].is_changed == is_changed:
            merged[-1] = TextPart(merged[-1].text + part.text, is_changed)
        else:
            merged.append(TextPart(part.text, is_changed))
    return merged


_EXCERPT_LENGTH = 140


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; each side is None where the field is absent, else its text in pieces.

    ``is_said``: guests or people of the chain read it, in contrast to what only those who write scenarios do.
    """

    label: str
    before: tuple[TextPart, ...] | None
    after: tuple[TextPart, ...] | None
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class StepSummary:
    """A step that only one of the versions has."""

    id: str
    kind_label: str
    text: str


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that both versions have and that differs."""

    id: str
    kind_label: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences; ``start`` is set when the conversation begins elsewhere, as step ids before and after.

    ``unlisted`` counts the steps that came, went or changed beyond those that are listed.
    """

    start: tuple[str, str] | None
    fields: tuple[FieldChange, ...]
    added: tuple[StepSummary, ...]
    removed: tuple[StepSummary, ...]
    changed: tuple[StepChange, ...]
    variables: tuple[FieldChange, ...]
    unlisted: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether both versions say the same."""
        return not (self.start or self.fields or self.added or self.removed or self.changed or self.variables)


def compare(before: ScenarioDocument, after: ScenarioDocument) -> Comparison:
    """What changed from one document to the other. The order of keys and of steps is no difference."""
    diff = WordDiff()
    old, new = before.steps_by_id, after.steps_by_id
    added = [step for step_id, step in new.items() if step_id not in old]
    removed = [step for step_id, step in old.items() if step_id not in new]
    both = [(old[step_id], step) for step_id, step in new.items() if step_id in old]
    differing = [(former, step) for former, step in both if former.raw != step.raw]
    changed = (_step_change(*pair, diff) for pair in differing[:MAX_LISTED])
    is_moved = before.start_step != after.start_step
    return Comparison(
        start=(before.start_step or "", after.start_step or "") if is_moved else None,
        fields=_changes(top_fields(before), top_fields(after), diff),
        added=tuple(map(_summary, added[:MAX_LISTED])),
        removed=tuple(map(_summary, removed[:MAX_LISTED])),
        changed=tuple(change for change in changed if change.fields),
        variables=_changes(mapping_fields(before), mapping_fields(after), diff),
        unlisted=sum(max(0, len(found) - MAX_LISTED) for found in (added, removed, differing)),
    )


def _summary(step: Step) -> StepSummary:
    return StepSummary(step.id, str(STEP_KINDS[step_kind(step)]), shortened(card_text(step), _EXCERPT_LENGTH))


def _step_change(before: Step, after: Step, diff: WordDiff) -> StepChange:
    fields = _changes(step_fields(before), step_fields(after), diff)
    return StepChange(after.id, str(STEP_KINDS[step_kind(after)]), fields)


def _changes(before: Iterable[Field], after: Iterable[Field], diff: WordDiff) -> tuple[FieldChange, ...]:
    old = {path: (label, text) for path, label, text in before}
    new = {path: (label, text) for path, label, text in after}
    changes = []
    for path in dict.fromkeys([*new, *old]):
        label = str((new.get(path) or old[path])[0])
        was, now = (side[path][1] if path in side else None for side in (old, new))
        if was != now:
            changes.append(replace(_change(label, was, now, diff), is_said=path in SAID))
    return tuple(changes)


def _change(label: str, before: str | None, after: str | None, diff: WordDiff) -> FieldChange:
    if before is None or after is None:
        sides = [None if text is None else (TextPart(text, True),) for text in (before, after)]
        return FieldChange(label, sides[0], sides[1])
    return FieldChange(label, *diff.parts(before, after))
