"""The list of statements, and the rows of one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import ge, le
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import aliased

from portal.invoices.models import Invoice
from portal.reconciliations.models import (
    Reconciliation,
    ReconciliationItem,
    ReconciliationMatch,
    ReconciliationStatus,
    RowKind,
    RowStatus,
)
from portal.reconciliations.reasons import reasons_of
from portal.restaurants.models import Restaurant
from portal.suppliers.models import Supplier
from portal.web.listing import (
    Column,
    Export,
    Filter,
    IdFilter,
    Listing,
    Parent,
    Sort,
    ValueFilter,
    enum_filter,
    record_list,
)
from portal.web.listing.declaration import moment
from portal.web.times import parse_day

r = Reconciliation.__table__.c
i = ReconciliationItem.__table__.c
place = Restaurant.__table__.c
m = ReconciliationMatch.__table__.c
s = Supplier.__table__.c
v = Invoice.__table__.c

STATUS_TONES: dict[str, str] = {
    ReconciliationStatus.PENDING: "warn",
    ReconciliationStatus.IN_PROGRESS: "accent",
    ReconciliationStatus.COMPARED: "accent",
    ReconciliationStatus.COMPLETED: "good",
    ReconciliationStatus.ERROR: "bad",
}
ROW_TONES: dict[str, str] = {
    RowStatus.MATCHED: "good",
    RowStatus.SUGGESTED: "accent",
    RowStatus.MISSING_HERE: "bad",
    RowStatus.MISSING_THERE: "warn",
    RowStatus.AMOUNT_MISMATCH: "warn",
    RowStatus.NOT_COMPARED: "neutral",
}
TO_LOOK_AT = (RowStatus.SUGGESTED, RowStatus.AMOUNT_MISMATCH, RowStatus.MISSING_HERE, RowStatus.MISSING_THERE)
OPEN_ROWS = (
    select(func.count())
    .where(i.account_id == r.account_id, i.reconciliation_id == r.id, i.status.in_(TO_LOOK_AT))
    .correlate(Reconciliation.__table__)
    .scalar_subquery()
)
PERIOD = func.concat(func.to_char(r.period_from, "DD.MM.YYYY"), "–", func.to_char(r.period_to, "DD.MM.YYYY"))

RECONCILIATIONS = replace(
    record_list(
        "reconciliations",
        Reconciliation,
        [
            Column("name", _l("Supplier"), source=s.name, below="period"),
            Column("period", _l("Period"), source=PERIOD, in_table=False),
            Column("status", tones=STATUS_TONES, priority=1),
            Column("open_rows", _l("To look at"), source=OPEN_ROWS, show=str, number=True, priority=1),
            Column("restaurant_id", _l("Restaurant"), absent=_l("The whole chain")),
            Column("closing", _l("Owed by the statement"), number=True, priority=3),
            Column("currency", _l("Currency"), in_table=False),
            Column("completed_at", _l("Completed"), priority=3),
        ],
        source=Reconciliation.__table__.join(
            Supplier.__table__, (s.id == r.supplier_id) & (s.account_id == r.account_id)
        ),
        sorts=[
            Sort("period", _l("Latest period"), r.period_to, parse=date.fromisoformat, descending=True),
            Sort("newest", _l("Newest"), r.created_at, parse=moment, descending=True),
        ],
        filters=[
            IdFilter("supplier_id", _l("One supplier"), column=r.supplier_id),
            enum_filter("status", _l("Status"), r.status, ReconciliationStatus),
            ValueFilter("from", _l("From"), column=r.period_to, parse=parse_day, operator=ge, kind="date"),
            ValueFilter("to", _l("Until"), column=r.period_from, parse=parse_day, operator=le, kind="date"),
        ],
        search_label=_l("Search by supplier"),
        empty_text=_l(
            "A statement (акт сверки) names what a supplier has delivered: upload one, and see what differs."
        ),
        icon="compare",
    ),
    search_entity=None,
    search=[s.name],
)

RESTAURANT = (
    select(place.name)
    .where(place.account_id == r.account_id, place.id == r.restaurant_id)
    .correlate(Reconciliation.__table__)
    .scalar_subquery()
)
LATER = aliased(Reconciliation.__table__)
OUR_INVOICES = (
    select(
        func.jsonb_agg(
            func.jsonb_build_object(
                "id", v.id, "number", v.invoice_number, "day", v.invoice_date, "total", cast(v.total_amount, Text),
                "amount", cast(m.amount, Text), "status", v.status,
            )
        )
    )
    .where(
        m.account_id == i.account_id, m.reconciliation_item_id == i.id, m.undone_at.is_(None),
        v.account_id == m.account_id, v.id == m.invoice_id,
    )
    .correlate(ReconciliationItem.__table__)
    .scalar_subquery()
)  # fmt: skip


def our_numbers(row: Any) -> str:
    """Which invoices of ours a row is."""
    return ", ".join(each["number"] or "—" for each in row.invoices or ())


def our_amount(row: Any) -> Decimal | None:
    """What those come to."""
    return sum((Decimal(each["total"]) for each in row.invoices), Decimal()) if row.invoices else None


STATEMENT_ROWS = Listing(
    name="statement_rows",
    title=_l("Rows of a statement"),
    entity=ReconciliationItem,
    parent=Parent(Reconciliation, key=i.reconciliation_id, columns={"id": r.id, "restaurant": RESTAURANT}),
    source=ReconciliationItem.__table__.outerjoin(
        LATER, (LATER.c.account_id == i.account_id) & (LATER.c.id == i.resolved_in_id)
    ),
    columns={
        "position": i.position,
        "kind": i.kind,
        "invoice_number": i.invoice_number,
        "invoice_date": i.invoice_date,
        "amount": i.amount,
        "currency": i.currency,
        "status": i.status,
        "match_confidence": i.match_confidence,
        "details": i.details,
        "invoice_id": i.invoice_id,
        "invoices": OUR_INVOICES,
        "resolved_in_id": i.resolved_in_id,
        "later_to": LATER.c.period_to,
    },
    sorts=[Sort("position", _l("As in the statement"), i.position, parse=int)],
    filters=[
        Filter(
            "status",
            _l("How they stand"),
            choices=[("", _l("All")), *RowStatus.choices()],
            conditions={"": None, **{status: i.status == status for status in RowStatus.words()}},
        ),
    ],
    search=[i.invoice_number],
    search_label=_l("Search by number"),
    exports=[
        Export(_l("Row"), lambda row: row.details.get("row", "")),
        Export(_l("Kind"), lambda row: RowKind.read(row.kind).label),
        Export(_l("Number"), lambda row: row.invoice_number),
        Export(_l("Day"), lambda row: row.invoice_date),
        Export(_l("Amount"), lambda row: row.amount),
        Export(_l("Currency"), lambda row: row.currency),
        Export(_l("How it stands"), lambda row: RowStatus.read(row.status).label),
        Export(_l("Our invoices"), our_numbers),
        Export(_l("Our amount"), our_amount),
        Export(_l("Reasons"), lambda row: " ".join(reasons_of(row.details, row.status, row.currency))),
        Export(_l("Settled by the statement until"), lambda row: row.later_to),
    ],
)
