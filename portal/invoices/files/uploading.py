"""A file that was read, as an import of invoices: its headings found, its columns known as far as they can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import get_locale

from portal.db.base import db
from portal.documents.models import Document
from portal.importing.columns import FileColumn, cell, describe
from portal.importing.headings import find_header
from portal.importing.models import ImportBatch
from portal.importing.reading import Table, UnreadableFileError, read_table
from portal.invoices.files.fields import KNOWN, Field
from portal.invoices.files.models import InvoiceFile
from portal.invoices.files.titles import find_title
from portal.invoices.files.upd import COLUMNS, read_upd
from portal.invoices.models import Invoice
from portal.stores.models import Store
from portal.suppliers.layouts import remember_layout, remembered_layout
from portal.suppliers.models import LayoutPurpose

Grid = Sequence[tuple[int, list[str]]]
# Words of a heading that say of which sort the prices below are.
WITHOUT_VAT = ("безндс", "безналога", "безучетандс", "withoutvat", "exclvat")
OPTIONS = ("prices_include_vat", "default_rate", "kind")


@dataclass(frozen=True)
class Layout:
    """Where the headings stand, what each column is, and what is said of the whole file."""

    heading_row: int
    columns: list[FileColumn]
    options: dict[str, Any]


def grid_of(table: Table) -> tuple[dict[str, Any], Grid]:
    """How a file was read and its rows; an electronic paper becomes a table like any other. Raises ``UpdFault``."""
    if table.root is None:
        return table.read_as, table.rows
    paper = read_upd(table.root)
    headings = [str(field.label) for field in COLUMNS]
    rows = [(1, headings), *enumerate(paper.rows, start=2)]
    return table.read_as | {"version": paper.version}, rows


def layout_of(grid: Grid, supplier_id: UUID | None, *, is_upd: bool) -> Layout:
    """What the rows are, by what is known of the supplier's files, else by the headings."""
    if is_upd:
        return _laid_out(grid, 1, {field: place for place, field in enumerate(COLUMNS)}, {"prices_include_vat": False})
    remembered = remembered_layout(supplier_id, LayoutPurpose.INVOICE, grid) if supplier_id else None
    if remembered is not None:
        row, mapping = remembered
        return _laid_out(grid, row, mapping.get("columns", {}), mapping.get("options", {}))
    header = find_header(grid, KNOWN)
    if header is None:
        return _laid_out(grid, grid[0][0], {}, {})
    return _laid_out(grid, header.row_number, header.columns, _prices(grid, header.row_number, header.columns))


def begin_file(
    table: Table, document: Document, *, file_name: str, supplier_id: UUID | None, store_id: UUID
) -> InvoiceFile:
    """The preview of a file, not judged yet. Raises ``UpdFault``."""
    read_as, grid = grid_of(table)
    batch = ImportBatch.begin(Invoice.__tablename__, file_name, read_as, list(grid))
    store = db.session.get_one(Store, store_id)
    file = InvoiceFile(
        batch=batch,
        batch_id=batch.id,
        supplier_id=supplier_id,
        restaurant_id=store.restaurant_id,
        store_id=store_id,
        document_id=document.id,
        options={"locale": str(get_locale())},
    )
    db.session.add(file)
    db.session.flush()
    _lay_out(file, grid)
    return file


def read_again(file: InvoiceFile, **told: str | None) -> None:
    """Read the kept file another way: another sheet, encoding or separator. Raises ``UnreadableFileError``."""
    document = db.session.get(Document, file.document_id) if file.document_id else None
    if document is None or document.file_id is None:
        raise UnreadableFileError("died")
    with document.opened() as kept:
        data = kept.read()
    read_as, grid = grid_of(read_table(data, takes_markup=True, **told))
    file.batch.read_as, file.batch.grid = read_as, list(grid)
    _lay_out(file, grid)


def set_layout(file: InvoiceFile, heading_row: int, fields: Sequence[str], options: Mapping[str, Any]) -> None:
    """Take what a person says of the columns and of the whole file, and remember it for the supplier's next one."""
    batch = file.batch
    columns = describe(batch.grid, heading_row)
    for column, field in zip(columns, fields, strict=True):
        column.field = field
    batch.take_columns(heading_row, columns, [])
    file.say(**options)
    headings = next((cells for number, cells in batch.grid if number == heading_row), None)
    if file.supplier_id is not None and headings is not None and not is_upd(file):
        places = {field: place for place, field in enumerate(fields) if field}
        kept = {name: options[name] for name in OPTIONS if name in options}
        told = {"columns": places, "options": kept}
        remember_layout(file.supplier_id, LayoutPurpose.INVOICE, headings, told)


def is_upd(file: InvoiceFile) -> bool:
    """Whether it is an electronic paper, whose columns are what they are."""
    return bool(file.batch.read_as["kind"] == "xml")


def _lay_out(file: InvoiceFile, grid: Grid) -> None:
    layout = layout_of(grid, file.supplier_id, is_upd=is_upd(file))
    file.batch.take_columns(layout.heading_row, layout.columns, [])
    file.say(**layout.options)


def _laid_out(grid: Grid, row: int, places: Mapping[str, int], options: dict[str, Any]) -> Layout:
    columns = describe(grid, row)
    for field, place in places.items():
        if place < len(columns) and field in Field.words():
            columns[place].field = str(field)
    title = find_title([(number, cells) for number, cells in grid if number < row])
    # A paper without columns for its number and day names both above its table.
    if title is not None and Field.NUMBER not in places and Field.DAY not in places:
        options = options | {"number": title.number, "day": title.day.isoformat()}
    return Layout(row, columns, options)


def _prices(grid: Grid, row: int, places: Mapping[str, int]) -> dict[str, Any]:
    """Printed forms state prices without VAT, with an amount without it beside; other tables hold it."""
    headings = next(cells for number, cells in grid if number == row)
    price = cell(headings, places[Field.PRICE]) if Field.PRICE in places else ""
    says_without = any(word in "".join(price.casefold().split()) for word in WITHOUT_VAT)
    return {"prices_include_vat": not (Field.NET in places or says_without)}
