"""What the page of an import says of it."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import Date

from portal.db.records import type_of
from portal.importing.declaration import Importer
from portal.importing.listing import result
from portal.importing.models import ImportBatch
from portal.importing.queries import named_rows
from portal.importing.verdicts import Outcome, Verdict
from portal.web.fragments import toast
from portal.web.language import day
from portal.web.listing import Page


def context(importer: Importer, batch: ImportBatch, page: Page) -> dict[str, Any]:
    """All that the templates of the page need beside the rows."""
    return {
        "importer": importer,
        "batch": batch,
        "labels": importer.labels(),
        "tabs": tabs(batch, page),
        "shown": Shown(importer),
        "read_as": read_as(batch),
        "left_out": [column.heading or "—" for column in batch.file_columns if not column.field],
        "result": result,
    }


def tell_application(batch: ImportBatch, done: bool, undo_url: str) -> None:
    """Say what was written, with the way back; and what was left."""
    if not done:
        toast(_("This import was applied already. Nothing was written twice."), tone="warn")
        return
    tell_written(batch, written(batch), undo_url)


def tell_written(batch: ImportBatch, text: str, undo_url: str) -> None:
    """``text`` of what was written, with the way back; and what was left."""
    toast(text, undo_url=undo_url, undo_fields={"_method": "DELETE"})
    if left := batch.count(Outcome.STALE):
        text = ngettext(
            "%(num)s row was left: it is not as the preview showed it any more.",
            "%(num)s rows were left: they are not as the preview showed them any more.",
            left,
        )
        toast(text, tone="warn")


def written(batch: ImportBatch) -> str:
    """How much was added and changed."""
    added, changed = batch.count(Outcome.CREATED), batch.count(Outcome.EDITED)
    return str(_("Imported: %(added)s added, %(changed)s changed.", added=added, changed=changed))


def tell_undoing(batch: ImportBatch, done: bool) -> None:
    """Say what was taken back, and what was kept."""
    if not done:
        toast(_("This import cannot be undone: it was undone already, or its time has passed."), tone="warn")
    else:
        tell_taken_back(batch)


def tell_taken_back(batch: ImportBatch) -> None:
    """How much was taken back, and what was kept."""
    toast(ngettext("%(num)s row was taken back.", "%(num)s rows were taken back.", batch.count(Outcome.UNDONE)))
    if kept := batch.count(Outcome.KEPT):
        text = ngettext(
            "%(num)s row was kept: somebody has changed it after the import.",
            "%(num)s rows were kept: somebody has changed them after the import.",
            kept,
        )
        toast(text, tone="warn")


def read_as(batch: ImportBatch) -> str:
    """How the file was read: which sheet, or which signs."""
    how = batch.read_as
    kind = how["kind"].upper()
    if "sheet" not in how:
        separator = str(_("tab")) if how["separator"] == "\t" else how["separator"]
        return str(_("CSV, %(encoding)s, separator: %(separator)s", encoding=how["encoding"], separator=separator))
    told = {"kind": kind, "sheet": how["sheet"]}
    if how["others"]:
        return str(_("%(kind)s, sheet “%(sheet)s” alone of %(count)s", count=how["others"] + 1, **told))
    return str(_("%(kind)s, sheet “%(sheet)s”", **told))


def tabs(batch: ImportBatch, page: Page) -> list[tuple[Any, str, bool, int]]:
    """(label, address, whether it is shown, count) of each kind of row that there is."""
    current = page.filters[0].value
    kinds = [*Verdict] if batch.is_preview else [*Outcome, *(each for each in Verdict if not each.is_usable)]
    found = [
        (kind.label, f"{page.path}?show={kind.value}", current == kind.value, batch.count(kind))
        for kind in kinds
        if batch.count(kind)
    ]
    return [(_("All"), page.path, not current, batch.total), *found]


class Shown:
    """Values of a row as people read them: a choice by its label."""

    def __init__(self, importer: Importer) -> None:
        self.entity, self.fields = importer.entity, importer.fields
        self.untold = {*importer.match, *(column.field for column in importer.references)}
        self.referred = {column.field: column.entity for column in importer.references}
        self.names: dict[str, dict[str, str]] = {}

    def __call__(self, name: str, value: Any) -> Any:
        """The value, or a dash for none."""
        if value is None or value == "":
            return Markup("—")
        if name in self.referred:
            return self._name_of(name, value)
        kind = type_of(self.entity, name)
        if isinstance(kind, Date):
            return day(str(value))
        return kind.shown(value) if hasattr(kind, "shown") else value

    def _name_of(self, field: str, row_id: str) -> str:
        """What a row is called that a changed cell names; all of them are read once."""
        if field not in self.names:
            self.names[field] = {str(row.id): row.name for row in named_rows(self.referred[field])}
        return self.names[field].get(str(row_id)) or _("no longer there")

    def told(self, values: dict[str, Any]) -> list[Any]:
        """All that a new row brings beside its name."""
        told = [name for name in self.fields if values.get(name) and name not in self.untold]
        return [self(name, values[name]) for name in told]

    def changed(self, changes: dict[str, Any]) -> list[tuple[str, Any, Any]]:
        """(field, old, new) of all that a row changes; JSON keeps them in an order of its own."""
        return [(name, *(self(name, value) for value in changes[name])) for name in self.fields if name in changes]
