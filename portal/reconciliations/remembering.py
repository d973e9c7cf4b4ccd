"""What was said once of a supplier's statements: which column is what, and whose books they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.importing.declaration import heading_key
from portal.reconciliations.layout.books import Party
from portal.reconciliations.layout.columns import MAX_ROWS_ABOVE, Rows
from portal.suppliers.models import LayoutPurpose, SupplierLayout

MAX_KEY = 1000


@dataclass(frozen=True)
class Known:
    """What was said of a layout; the row of the headings is that of the present file."""

    header_row: int
    roles: list[str]
    party: Party | None


def headings_key(cells: Sequence[str]) -> str:
    """A row of headings as it is recognised again; empty where it names nothing."""
    return "|".join(map(heading_key, cells)).strip("|")[:MAX_KEY]


def remembered(supplier_id: UUID, rows: Rows) -> Known | None:
    """What was said of a file of this supplier with the same headings."""
    layouts = {each.headings_key: each.mapping for each in db.session.scalars(_of(supplier_id))}
    for number, cells in rows[:MAX_ROWS_ABOVE] if layouts else ():
        said = layouts.get(headings_key(cells))
        if said is not None:
            party = said.get("party")
            return Known(number, list(said.get("roles", ())), Party(party) if party else None)
    return None


def remember(supplier_id: UUID, headings: Sequence[str], roles: Sequence[str], party: Party) -> None:
    """Next time a file with these headings is read as it was said now."""
    key = headings_key(headings)
    if not key:
        return
    layout = db.session.scalars(_of(supplier_id).where(SupplierLayout.headings_key == key)).first()
    if layout is None:
        layout = SupplierLayout(supplier_id=supplier_id, purpose=LayoutPurpose.STATEMENT, headings_key=key)
        db.session.add(layout)
    layout.mapping = {"roles": list(roles), "party": party.value}


def _of(supplier_id: UUID):  # type: ignore[no-untyped-def]
    return select(SupplierLayout).where(
        SupplierLayout.supplier_id == supplier_id, SupplierLayout.purpose == LayoutPurpose.STATEMENT
    )
