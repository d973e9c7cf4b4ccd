"""The verdict on every row of a file: the same checks, in the same words, as when it is typed by hand."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.importing.columns import FileColumn, Rows, cell
from portal.importing.declaration import Importer, match_key
from portal.importing.queries import stored_rows
from portal.importing.references import CellReader, undefused
from portal.importing.verdicts import Judgement, Verdict, plain

MAX_LABEL_LENGTH = 200


def judge_rows(importer: Importer, columns: list[FileColumn], rows: Rows) -> list[Judgement]:
    """A verdict for each row below the headings, with what is stored at this moment."""
    judge = (importer.judged_by or Judge)(importer, columns, rows)
    judgements = [judge.judge(number, cells) for number, cells in rows]
    tell_doubles(judgements)
    return judgements


def tell_doubles(judgements: Iterable[Judgement]) -> None:
    """Rows that name the same thing: none of them is taken, for nobody knows which is right."""
    by_key: dict[tuple[str, ...], list[Judgement]] = defaultdict(list)
    for each in judgements:
        if each.key is not None:
            by_key[each.key].append(each)
    for same in by_key.values():
        for each in same if len(same) > 1 else ():
            others = ", ".join(str(other.number) for other in same[:6] if other is not each)
            each.verdict = Verdict.DOUBLED
            each.problems = [*each.problems, ("", _("The same as row %(rows)s.", rows=others))]


class Judge:
    """Judges rows one by one against what was stored when it was made."""

    def __init__(self, importer: Importer, columns: list[FileColumn], rows: Rows) -> None:
        self.importer = importer
        self.form = importer.empty_form()
        self.reader = CellReader(importer, self.form)
        self.places = {column.field: place for place, column in enumerate(columns) if column.field}
        self.may_add = importer.may_add
        self.stored: dict[tuple[str, ...], list[Any]] = defaultdict(list)
        for row in self.stored_rows(rows):
            self.stored[self._key({name: getattr(row, name) for name in importer.match})].append(row)

    def stored_rows(self, rows: Rows) -> Sequence[Any]:
        """What the rows of the file may be."""
        return stored_rows(self.importer)

    def judge(self, number: int, cells: list[str]) -> Judgement:
        """The verdict on one row, doubles within the file aside."""
        texts = {name: undefused(text) for name, place in self.places.items() if (text := cell(cells, place))}
        told = [texts[name] for name in reversed(self.importer.match) if name in texts] or [*texts.values()][:1]
        found = Judgement(number, " · ".join(told)[:MAX_LABEL_LENGTH])
        given, found.problems = self.reader.read(texts)
        if all(given.get(name) for name in self.importer.match):
            found.key = self._key(given)
        match = self._match(found)
        if match is not None and not found.problems:
            self._judge_edit(found, given, match)
        elif found.verdict is not Verdict.ARCHIVED:
            self._judge_new(found, given)
        return found

    def _value(self, name: str, given: dict[str, str]) -> Any:
        """What a cell came to: the row that it names, or what the form made of it."""
        if name in self.reader.references:
            return UUID(given[name]) if name in given else None
        return self.form[name].data

    def _key(self, values: dict[str, Any]) -> tuple[str, ...]:
        return tuple(match_key(values[name]) for name in self.importer.match)

    def _match(self, found: Judgement) -> Any:
        """The stored row that this one is; an archived or a doubtful one is told, and then there is none."""
        same = self.stored.get(found.key, []) if found.key else []
        active = [row for row in same if row.is_active]
        if len(active) > 1:
            text = _("%(count)s have this name already. Rename all but one first.", count=len(active))
            found.problems.append((self.importer.match[-1], text))
        elif not active and same:
            found.verdict = Verdict.ARCHIVED
            found.entity_id = same[0].id
            found.problems.append(("", _("This one is archived. Restore it first, or leave the row out.")))
        return active[0] if len(active) == 1 else None

    def _judge_edit(self, found: Judgement, given: dict[str, Any], match: Any) -> None:
        """What a row changes of the stored one; empty cells change nothing."""
        found.entity_id = match.id
        self.form.process(MultiDict(given), obj=match)
        for name in [each for each in given if each not in self.importer.match]:
            old, new = plain(getattr(match, name)), plain(self._value(name, given))
            if not is_same(old, new):
                found.changes[name] = (old, new)
        found.verdict = Verdict.CHANGED if found.changes else Verdict.UNCHANGED
        if found.changes and self._is_valid(found):
            found.values = {name: self._value(name, given) for name in found.changes}

    def _judge_new(self, found: Judgement, given: dict[str, Any]) -> None:
        """What a row would add."""
        archived = self.reader.archived_reference(given)
        if archived and not found.problems:
            found.problems.append(archived)
        self.form.process(MultiDict(given))
        if not found.problems and not self.may_add:
            text = _("Not among yours. Those who work in some restaurants only cannot add new ones.")
            found.problems.append((self.importer.match[-1], text))
        if self._is_valid(found):
            found.verdict = Verdict.NEW
            found.values = self.form.values() | {name: self._value(name, given) for name in self.reader.references}

    def _is_valid(self, found: Judgement) -> bool:
        """Whether the form takes it; its errors are added, but for fields that could not even be read."""
        unread = {name for name, _text in found.problems}
        if not self.form.validate():
            found.problems += [
                (each.name, str(each.errors[0])) for each in self.form if each.errors and each.name not in unread
            ]
        if found.problems:
            found.verdict = Verdict.ERROR
        return not found.problems


def is_same(old: Any, new: Any) -> bool:
    """Whether two values are alike for a reader: spreadsheets write line breaks in their own way."""
    if isinstance(old, str) and isinstance(new, str):
        return old.splitlines() == new.splitlines()
    return bool(old == new)
