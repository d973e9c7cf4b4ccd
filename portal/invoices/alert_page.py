"""What about an invoice is to be decided, in words, beside the other paper that it is compared with."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.catalogue.explaining import Explanation
from portal.db.amounts import format_money
from portal.db.base import db
from portal.invoices.listing import STATE_TONES
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from portal.invoices.stake_page import explain_stake
from portal.invoices.words import ExceptionKind, ExceptionState
from portal.users.models import User
from portal.web.language import choose_locale
from portal.web.times import typed_day
from portal.web.values import uuid_or_none


@dataclass(frozen=True)
class OtherPaper:
    """The paper that one is compared with, as a link; ``label`` has its number, day and what is compared."""

    id: UUID
    label: str
    url: str


@dataclass(frozen=True)
class Alert:
    """One exception in words."""

    id: UUID
    line_id: UUID | None
    label: str
    sentence: str
    money: Decimal
    told_money: str
    state: str
    state_label: str
    tone: str
    reason: str | None
    decided_by: str | None
    decided_at: Any
    other: OtherPaper | None
    is_unit_missing: bool
    explanation: Explanation | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == ExceptionState.OPEN


def alerts_of(invoice: Invoice) -> list[Alert]:
    """Those of an invoice, in the order in which they arose."""
    return alerts(InvoiceException.of(invoice), invoice.currency)


def alerts(exceptions: Sequence[InvoiceException], currency: str) -> list[Alert]:
    """Exceptions of one invoice in words; the other papers are read in one statement, and so is who decided."""
    others = _other_papers(exceptions)
    people = _people({each.decided_by_id for each in exceptions if each.decided_by_id})
    return [_alert(each, currency, others.get(each.id), people) for each in exceptions]


def _alert(exception: InvoiceException, currency: str, other: OtherPaper | None, people: dict[UUID, str]) -> Alert:
    state = ExceptionState(exception.state)
    decided_by = people.get(exception.decided_by_id) if exception.decided_by_id else None
    return Alert(
        id=exception.id,
        line_id=exception.invoice_item_id,
        label=str(ExceptionKind.read(exception.kind).label),
        sentence=exception.sentence,
        money=exception.money_at_stake,
        told_money=format_money(exception.money_at_stake, currency),
        state=str(state.value),
        state_label=str(state.label),
        tone=STATE_TONES[state.value],
        reason=exception.reason,
        decided_by=decided_by,
        decided_at=exception.decided_at,
        other=other,
        is_unit_missing=exception.kind == ExceptionKind.UNIT_MISSING,
        explanation=explain_stake(exception, currency),
    )


def _other_papers(exceptions: Sequence[InvoiceException]) -> dict[UUID, OtherPaper]:
    """By exception the paper that its evidence names: by one of its lines, or itself."""
    lines = {each.id: uuid_or_none(each.evidence.get("line_id")) for each in exceptions}
    papers = {each.id: uuid_or_none(each.evidence.get("invoice_id")) for each in exceptions}
    found: dict[UUID, OtherPaper] = {}
    by_line = _papers_of_lines({each for each in lines.values() if each})
    by_id = _papers({each for each in papers.values() if each})
    for each in exceptions:
        line_id, paper_id = lines[each.id], papers[each.id]
        row = by_line.get(line_id) if line_id else by_id.get(paper_id) if paper_id else None
        if row is not None:
            found[each.id] = _other(row)
    return found


def _papers_of_lines(ids: Collection[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    i = Invoice
    query = select(InvoiceItem.id.label("line_id"), i.id, i.invoice_number, i.invoice_date, i.currency)
    query = query.add_columns(InvoiceItem.line_total.label("amount")).join(i, i.id == InvoiceItem.invoice_id)
    return {row.line_id: row for row in db.session.execute(query.where(InvoiceItem.id.in_(ids)))}


def _papers(ids: Collection[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    i = Invoice
    query = select(i.id, i.invoice_number, i.invoice_date, i.currency, i.total_amount.label("amount"))
    return {row.id: row for row in db.session.execute(query.where(i.id.in_(ids)))}


def _other(row: Any) -> OtherPaper:
    told = {
        "number": row.invoice_number or _("without a number"),
        "day": typed_day(row.invoice_date, choose_locale()),
        "amount": format_money(row.amount, row.currency),
    }
    label = _("%(number)s of %(day)s: %(amount)s", **told)
    return OtherPaper(row.id, label, url_for("account.invoices.show", invoice_id=row.id))


def _people(ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    name = func.coalesce(func.nullif(User.full_name, ""), User.email)
    rows = db.session.execute(select(User.id, name.label("name")).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows}
