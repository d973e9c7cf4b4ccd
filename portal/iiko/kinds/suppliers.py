"""Suppliers, whom iiko keeps among its employees; of what is private there nothing is read.

iiko, "API iikoServer", Suppliers: one envelope, called ``employees`` or ``employeeDtoes`` by version. A supplier that
represents a store is a store of the chain itself: what comes from it was moved, not bought.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.db.base import db
from portal.iiko.client.client import Answer
from portal.iiko.client.requests import SUPPLIERS as REQUEST
from portal.iiko.client.rows import RowError
from portal.iiko.client.xml_rows import XmlRow, rows
from portal.iiko.kinds.texts import fault_of_name, stripped
from portal.iiko.sync.kinds import Kind, KindField, KindReading, ReadRow, Unreadable, declare
from portal.iiko.sync.reasons import Reason
from portal.suppliers.models import Supplier

ENVELOPES, ELEMENT = ("employees", "employeeDtoes"), "employee"
# Longer than any number of an authority, however it is written.
MAX_TAX_ID = 40


def read_suppliers(answer: Answer, reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """Every supplier of an answer, internal and deleted ones left out with their reason."""
    for row in rows(answer, ENVELOPES, ELEMENT, reading):
        if isinstance(row, RowError):
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, row.details)
            continue
        try:
            # Whoever is no supplier is nobody's business here.
            if row.flag("supplier"):
                yield _row(row, row.iiko_id or "")
        except RowError as error:
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, error.details)


def _row(row: XmlRow, iiko_id: str) -> ReadRow | Unreadable:
    name = (row.text("name") or "").strip()
    if (fault := fault_of_name(iiko_id, name)) is not None:
        return fault
    values = {
        "name": name,
        "tax_id": _tax_id(row.text("taxpayerIdNumber")),
        "phone": stripped(row.text("phone")) or stripped(row.text("cellPhone")),
        "email": stripped(row.text("email")),
    }
    is_internal = row.flag("representsStore") or row.guid("representedStoreId") is not None
    reason = Reason.INTERNAL if is_internal else Reason.DELETED if row.flag("deleted") else None
    return ReadRow(iiko_id, name, values, reason)


def _tax_id(text: str | None) -> str | None:
    """An ИНН as iiko has it, right or wrong: the supplier's page says what is wrong with it."""
    number = "".join((text or "").split())
    return number if 0 < len(number) <= MAX_TAX_ID else None


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The suppliers."""
    return read_suppliers(answers[REQUEST.name], reading)


def merged() -> dict[UUID, UUID]:
    """The cards that are part of another one, each with that."""
    query = select(Supplier.id, Supplier.merged_into_id).where(Supplier.merged_into_id.is_not(None))
    found: dict[UUID, UUID] = {row.id: row.merged_into_id for row in db.session.execute(query)}
    return {each: _last(found, each) for each in found}


def _last(found: Mapping[UUID, UUID], supplier_id: UUID) -> UUID:
    seen = {supplier_id}
    while (into := found.get(supplier_id)) is not None and into not in seen:
        seen.add(into)
        supplier_id = into
    return supplier_id


SUPPLIERS = declare(
    Kind(
        key="suppliers",
        label=_l("Suppliers"),
        depends_on=(),
        entity=Supplier,
        fields=(
            KindField("name", _l("Name")),
            KindField("tax_id", _l("Tax ID (ИНН)")),
            KindField("phone", _l("Phone"), within="contact_info"),
            KindField("email", _l("E-mail"), within="contact_info"),
        ),
        requests=lambda run: (REQUEST,),
        read=read,
        alike=("name", "tax_id"),
        stands_for=merged,
        is_frequent=True,
    )
)
