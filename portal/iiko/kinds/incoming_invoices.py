"""Incoming invoices: the papers of suppliers as iiko's accountants entered them, over the days that a run reads.

iiko, "API iikoServer", Documents: they are asked for by the day of receipt, both days inclusive. A paper whose lines
went into several stores is one invoice here for each of them: their ids are the paper's and the store's.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select

from portal.iiko.client.client import Answer
from portal.iiko.client.requests import STORES as STORE_REQUEST
from portal.iiko.client.requests import SUPPLIERS as SUPPLIER_REQUEST
from portal.iiko.client.requests import UNITS as UNIT_REQUEST
from portal.iiko.client.rows import Fault, Row, RowError
from portal.iiko.client.xml_rows import rows
from portal.iiko.kinds.invoice_lines import lines_in_words, read_lines, remember_lines
from portal.iiko.kinds.invoice_writing import InvoiceWriter
from portal.iiko.kinds.periods import invoice_requests
from portal.iiko.kinds.products import PRODUCTS
from portal.iiko.kinds.stores import STORES
from portal.iiko.kinds.suppliers import SUPPLIERS, read_suppliers
from portal.iiko.kinds.tree import Node, read_nodes
from portal.iiko.kinds.units import UNITS, Unit, units_of
from portal.iiko.sync.kinds import (
    Compared,
    Kind,
    KindField,
    KindReading,
    Part,
    Parts,
    ReadRow,
    Ref,
    Unreadable,
    Value,
    declare,
)
from portal.iiko.sync.plans import PART
from portal.iiko.sync.reasons import Reason
from portal.invoices.models import Invoice, InvoiceItem, InvoiceStatus
from portal.reconciliations.models import ReconciliationMatch

ENVELOPES, ELEMENT = ("incomingInvoiceDtoes",), "document"
STATUSES = {"NEW": InvoiceStatus.DRAFT, "PROCESSED": InvoiceStatus.ACTIVE, "DELETED": InvoiceStatus.CANCELLED}
MAX_NUMBER = 64
# Of a line; which item it is, is known better with time.
SAID = ("description", "quantity", "unit_id", "unit_price", "line_total", "discount", "vat_rate", "vat_amount")
# Years that papers are of; others are slips of the hand.
YEARS = range(2000, 2100)
Stores = Mapping[str, Sequence[Mapping[str, Any]]]


class Names:
    """What the other answers tell of the ids that invoices name."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.units: Mapping[str, Unit] = units_of(answers[UNIT_REQUEST.name])
        suppliers = read_suppliers(answers[SUPPLIER_REQUEST.name], KindReading())
        known = [each for each in suppliers if isinstance(each, ReadRow)]
        self.suppliers = {each.iiko_id: each.name for each in known}
        self.internal = {each.iiko_id for each in known if each.skip is Reason.INTERNAL}
        nodes = (each for each in read_nodes(answers[STORE_REQUEST.name], KindReading()) if isinstance(each, Node))
        self.stores = {each.iiko_id: each.name for each in nodes}


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The invoices of one answer; what was moved within the chain is left out."""
    names = reading.once("names", lambda: Names(answers))
    (answer,) = (each for name, each in answers.items() if name == "invoices")
    for row in rows(answer, ENVELOPES, ELEMENT, reading):
        if isinstance(row, RowError):
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, row.details)
            continue
        try:
            yield from _parts(row, row.iiko_id or "", names)
        except RowError as error:
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, error.details)


def _parts(row: Row, iiko_id: str, names: Names) -> Iterator[ReadRow]:
    """The paper, once for each store that its lines went into."""
    number, received = (row.text("incomingDocumentNumber") or "").strip(), _day(row, "dateIncoming")
    if len(number) > MAX_NUMBER:
        raise RowError(Fault.TOO_LONG, "incomingDocumentNumber", number)
    supplier = row.guid("supplier")
    values: dict[str, Value] = {
        "invoice_number": number,
        "invoice_date": _day(row, "incomingDate", received),
        "due_date": row.day("dueDate"),
        "supplier_id": Ref(SUPPLIERS.key, supplier, names.suppliers.get(supplier, "")) if supplier else None,
        "status": _status(row),
        "received_on": received,
    }
    name = number or (row.text("documentNumber") or "")
    stores = _stores(row, names.units)
    if (reason := _reason(row, supplier, stores, names)) is not None:
        yield ReadRow(iiko_id, name, values, reason, day=received)
        return
    for place, (store, lines) in enumerate(stores.items()):
        place_of_lines = Ref(STORES.key, store, names.stores.get(store, ""))
        own: dict[str, Value] = {"store_id": place_of_lines, "lines": Parts(tuple(lines))}
        yield ReadRow(f"{iiko_id}{PART}{store}" if place else iiko_id, name, values | own, day=received)


def _day(row: Row, name: str, otherwise: date | None = None) -> date:
    day = row.day(name) or otherwise
    if day is None:
        raise RowError(Fault.MISSING, name)
    if day.year not in YEARS:
        raise RowError(Fault.NOT_A_DATE, name, day.isoformat())
    return day


def _status(row: Row) -> str:
    word = row.required("status")
    if word not in STATUSES:
        raise RowError(Fault.UNKNOWN_WORD, "status", word)
    return STATUSES[word].value


def _stores(row: Row, units: Mapping[str, Unit]) -> Stores:
    """The lines of each store; the paper's own store comes first, and lends itself to lines that name none."""
    usual = row.guid("defaultStore")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for store, line in read_lines(row, units):
        found.setdefault(store or usual or "", []).append(line)
    return dict(sorted(found.items(), key=lambda each: (each[0] != usual, each[0])))


def _reason(row: Row, supplier: str | None, stores: Stores, names: Names) -> Reason | None:
    """Why it is not taken, or not yet."""
    if supplier in names.internal or row.guid("linkedOutgoingInvoiceId") is not None:
        return Reason.TRANSFER
    if supplier is None:
        return Reason.NO_SUPPLIER
    if not stores:
        return Reason.NO_LINES
    return Reason.NO_STORE if "" in stores else None


def not_made(values: Mapping[str, Value]) -> Reason | None:
    """Of what was deleted before it was ever seen nothing is made."""
    return Reason.DELETED if values.get("status") == InvoiceStatus.CANCELLED.value else None


def is_settled() -> ColumnElement[bool]:
    """Invoices that were paid or matched with a statement: nothing about them changes unseen."""
    matched = select(ReconciliationMatch.id).where(
        ReconciliationMatch.invoice_id == Invoice.id, ReconciliationMatch.undone_at.is_(None)
    )
    return or_(Invoice.status == InvoiceStatus.PAID, matched.exists())


INCOMING_INVOICES = declare(
    Kind(
        key="incoming_invoices",
        label=_l("Incoming invoices"),
        depends_on=(STORES.key, UNITS.key, SUPPLIERS.key, PRODUCTS.key),
        entity=Invoice,
        fields=(
            KindField("invoice_number", _l("Number"), is_binding=True),
            KindField("invoice_date", _l("Date"), is_binding=True, parse=date.fromisoformat),
            KindField("due_date", _l("Due"), parse=date.fromisoformat),
            KindField("supplier_id", _l("Supplier"), refers_to=SUPPLIERS.key, is_required=True, is_binding=True),
            KindField("store_id", _l("Store"), refers_to=STORES.key, is_required=True, is_binding=True),
            KindField("status", _l("Status"), is_binding=True, compared=Compared.LAST, words=InvoiceStatus),
            KindField(
                "received_on", _l("Received"), is_part=True, compared=Compared.LAST, parse=date.fromisoformat
            ),
            KindField(
                "lines", _l("Lines"), is_key=True, is_binding=True, is_part=True, compared=Compared.LAST,
                show=lines_in_words, remember=remember_lines,
            ),
        ),
        requests=invoice_requests,
        read=read,
        alike=(),
        used=is_settled,
        in_use=Reason.SETTLED,
        not_made=not_made,
        beside=((PRODUCTS.key, "product"), (UNITS.key, "unit")),
        parts=(Part(InvoiceItem, "invoice_id", "lines", said=SAID),),
        named_by="invoice_number",
        is_dated=True,
        emptied={"status": InvoiceStatus.CANCELLED.value},
        writer=InvoiceWriter,
        is_frequent=True,
    )
)  # fmt: skip
