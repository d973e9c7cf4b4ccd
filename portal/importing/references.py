"""A cell's text as the form takes it: a choice by its label, another row by its name."""

from collections import defaultdict
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from wtforms import SelectField

from portal.importing.declaration import Importer, match_key
from portal.importing.queries import named_rows
from portal.web.language import LOCALES
from portal.web.listing.cells import FORMULA_STARTS

# More of them in one sentence help nobody.
MAX_LISTED = 12

Problem = tuple[str, str]


class UnknownCellError(Exception):
    """A cell names nothing; the message says what to write instead."""


class Choices:
    """A field with a few values, by their labels in every language of the portal."""

    def __init__(self, field: Any) -> None:
        self.labels = [str(choice.label) for choice in field.choices if choice.value]
        self.values: dict[str, str | None] = {}
        for locale in LOCALES:
            with force_locale(locale):
                for choice in field.choices:
                    for text in (choice.value, choice.label):
                        self._note(match_key(text), choice.value)

    def _note(self, text: str, value: str) -> None:
        known = self.values.setdefault(text, value)
        if known != value:
            self.values[text] = None

    def read(self, text: str) -> str:
        """The value of a label."""
        value = self.values.get(match_key(text))
        if value is not None:
            return value
        if len(self.labels) > MAX_LISTED:
            raise UnknownCellError(_("“%(text)s” is not known here.", text=text[:80]))
        raise UnknownCellError(
            _("“%(text)s” is not known. Write one of: %(labels)s.", text=text[:80], labels=", ".join(self.labels))
        )


class References:
    """Rows of another entity that the person may see, by name."""

    def __init__(self, entity: Any) -> None:
        self.by_name: dict[str, list[Any]] = defaultdict(list)
        self.by_id: dict[str, Any] = {}
        for row in named_rows(entity):
            self.by_name[match_key(row.name)].append(row)
            self.by_id[str(row.id)] = row

    def read(self, text: str) -> str:
        """The id behind a name; of several the active one, and none where that is not clear."""
        same = self.by_name.get(match_key(text), [])
        likely = [row for row in same if row.is_active] or same
        if not likely:
            raise UnknownCellError(
                _("“%(text)s” is not among yours. Write the name as it stands in the portal.", text=text[:80])
            )
        if len(likely) > 1:
            raise UnknownCellError(
                _("%(count)s are called “%(text)s”. Rename all but one first.", count=len(likely), text=text[:80])
            )
        return str(likely[0].id)


class CellReader:
    """Reads the cells of rows for one form."""

    def __init__(self, importer: Importer, form: Any) -> None:
        self.references = {column.field: References(column.entity) for column in importer.references}
        self.needed = [name for name in self.references if name in importer.match]
        self.choices = {field.name: Choices(field) for field in form if isinstance(field, SelectField)}

    def read(self, texts: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
        """What to fill in by field, and what could not be read."""
        given: dict[str, str] = {}
        problems: list[Problem] = []
        problems += [(name, _("Fill this in.")) for name in self.needed if name not in texts]
        for name, text in texts.items():
            try:
                given[name] = self._read_cell(name, text)
            except UnknownCellError as error:
                problems.append((name, str(error)))
        return given, problems

    def _read_cell(self, name: str, text: str) -> str:
        reader = self.references.get(name) or self.choices.get(name)
        return reader.read(text) if reader else text

    def archived_reference(self, given: dict[str, str]) -> Problem | None:
        """The field that names an archived row, if any does: nothing new is added to those."""
        for name, known in self.references.items():
            row = known.by_id.get(given.get(name, ""))
            if row is not None and not row.is_active:
                return name, _("“%(text)s” is archived. Restore it first.", text=row.name)
        return None


def undefused(text: str) -> str:
    """The text without the apostrophe by which exports keep spreadsheets from calculating it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text
