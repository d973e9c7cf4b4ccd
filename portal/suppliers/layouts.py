"""How a supplier's files are laid out, remembered from the last one for the next."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.db.base import db
from portal.importing.columns import MAX_ROWS_ABOVE
from portal.importing.declaration import heading_key
from portal.suppliers.models import LayoutPurpose, SupplierLayout
from portal.tenancy.scope import require_scope

MAX_KEY = 2000

Rows = Sequence[tuple[int, list[str]]]


def headings_key(cells: Sequence[str]) -> str:
    """What tells one layout from another: the headings in their order, whatever their signs."""
    return "|".join(map(heading_key, cells))[:MAX_KEY]


def remembered_layout(supplier_id: UUID, purpose: LayoutPurpose, rows: Rows) -> tuple[int, dict[str, Any]] | None:
    """The number of the row whose headings a supplier's file had before, and what was said of it then."""
    query = select(SupplierLayout.headings_key, SupplierLayout.mapping).where(
        SupplierLayout.supplier_id == supplier_id, SupplierLayout.purpose == purpose
    )
    known = {row.headings_key: row.mapping for row in db.session.execute(query)}
    for number, cells in rows[:MAX_ROWS_ABOVE] if known else ():
        mapping = known.get(headings_key(cells))
        if mapping is not None:
            return number, mapping
    return None


def remember_layout(
    supplier_id: UUID, purpose: LayoutPurpose, headings: Sequence[str], mapping: dict[str, Any]
) -> None:
    """Read the supplier's next file with these headings in the same way."""
    made = insert(SupplierLayout).values(
        id=uuid4(),
        account_id=require_scope().account_id,
        supplier_id=supplier_id,
        purpose=purpose,
        headings_key=headings_key(headings),
        mapping=mapping,
    )
    keys = ["account_id", "supplier_id", "purpose", "headings_key"]
    db.session.execute(made.on_conflict_do_update(index_elements=keys, set_={"mapping": made.excluded.mapping}))
