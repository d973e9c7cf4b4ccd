"""What an import declares: whose rows, by which form, from which columns, matched by what."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.access.permissions import Permission
from portal.db.records import Archivable, Record
from portal.db.words import Label
from portal.tenancy.scope import require_scope
from portal.web.forms import PortalForm
from portal.web.listing import Listing


@dataclass(frozen=True)
class Column:
    """A field of the form that a file may fill in.

    A heading is recognised by the field's label in any language of the portal, and by ``aliases``. With an
    ``entity`` the cell names one of its rows, which the person may see.
    """

    field: str
    aliases: tuple[str, ...] = ()
    entity: type[Archivable] | None = None


@dataclass(frozen=True)
class Importer:
    """An import of one entity, by the form in which people type its rows.

    A row of the file and a stored one are the same where all fields of ``match`` are, letters' case and blanks
    around them aside. Fields of ``match`` are never changed. ``whole_account_to_add``: those who work in some
    restaurants only may change rows, and add none. ``judged_by`` makes the judge where the usual one will not do
    (``portal.importing.judging``). The verbs below are those of records that are archived; others bring their own.
    """

    entity: type[Record]
    form: type[PortalForm]
    columns: Sequence[Column]
    match: tuple[str, ...]
    permission: Permission
    listing: Listing
    title: Label
    whole_account_to_add: bool = False
    judged_by: Callable[..., Any] | None = None

    def make(self, values: dict[str, Any]) -> Any:
        """A new row, not stored yet."""
        return self.entity(**values)

    def open(self, row: Any, values: dict[str, Any]) -> None:
        """Add a row that is stored, with its line in the log."""
        row.open()

    def change(self, row: Any, values: dict[str, Any]) -> None:
        """Change a row as the file says."""
        row.edit(**values)

    def restore(self, row: Any, former: dict[str, Any]) -> None:
        """Give a row that the import changed what it had before."""
        row.edit(**former)

    def take_back(self, row: Any) -> None:
        """Undo that a row was added."""
        row.archive()

    def told(self, row: Any) -> dict[str, Any]:
        """What people may say of a row, and whether it is in use: by that it is known whether anybody touched it."""
        return {name: getattr(row, name) for name in (*self.fields, "is_active")}

    def told_of(self, rows: Sequence[Any]) -> dict[UUID, dict[str, Any]]:
        """``told`` of several rows, by their ids; whoever has to ask the database asks once for all."""
        return {row.id: self.told(row) for row in rows}

    @property
    def may_add(self) -> bool:
        """Whether the person may add rows, and not only change them."""
        return not self.whole_account_to_add or require_scope().restaurant_ids is None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a file may fill in."""
        return tuple(column.field for column in self.columns)

    @property
    def references(self) -> tuple[Column, ...]:
        """The columns that name a row of another entity."""
        return tuple(column for column in self.columns if column.entity is not None)

    def empty_form(self) -> Any:
        """The form for rows of a file, without the choice of other rows: a cell's name is looked up once for all.

        It comes from no page, so it carries no proof of one.
        """
        form = self.form(formdata=None, meta={"csrf": False})
        for column in self.references:
            del form[column.field]
        return form

    def labels(self) -> dict[str, str]:
        """What people call each field, in the language of the page."""
        return {field: str(self.entity.words.fields[field]) for field in self.fields}

    def match_labels(self) -> list[str]:
        """What people call the fields by which rows are matched."""
        return [label for field, label in self.labels().items() if field in self.match]


def match_key(text: Any) -> str:
    """A text as it is compared with others: letters' case and blanks aside."""
    return " ".join(str(text).casefold().split())


def heading_key(text: Any) -> str:
    """A heading as it is recognised: its letters and digits alone."""
    return re.sub(r"[\W_]+", "", str(text).casefold().replace("ё", "е"))
