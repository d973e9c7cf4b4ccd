"""What the page of a supplier shows: what is bought of it, what waits, its papers, and what was merged into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.explaining import Explanation, Input
from portal.db.amounts import format_money
from portal.db.base import db
from portal.documents.models import SEEN_BY, Document
from portal.invoices.models import ExceptionState, Invoice, InvoiceException
from portal.suppliers.listing import BOUGHT, spend_since
from portal.suppliers.models import Supplier, SupplierMerge
from portal.suppliers.queries import holders_of_tax_id, merges_of
from portal.suppliers.tax_ids import TaxIdFault, check_tax_id
from portal.tenancy.scope import require_scope
from portal.web.language import choose_locale
from portal.web.times import typed_day

LATEST_DOCUMENTS = 10


@dataclass(frozen=True)
class Bought:
    """What was bought of a supplier since a day, in one currency."""

    currency: str
    amount: Decimal
    invoices: int


@dataclass(frozen=True)
class ToDecide:
    """What waits for a decision about invoices in one currency."""

    currency: str
    count: int
    stake: Decimal


class SupplierPage:
    """Reads what the page tells; of restaurants that are not the person's, nothing."""

    def __init__(self, supplier: Supplier) -> None:
        self.supplier = supplier
        self.since: date = spend_since()
        self.merges: Sequence[SupplierMerge] = merges_of(supplier)

    @property
    def tax_id_fault(self) -> TaxIdFault | None:
        """What is wrong with the ИНН, where something is: iiko may have brought it so."""
        found = check_tax_id(self.supplier.tax_id) if self.supplier.tax_id else None
        return found if isinstance(found, TaxIdFault) else None

    @property
    def merged_into(self) -> Supplier | None:
        """The one that it is part of."""
        if self.supplier.merged_into_id is None:
            return None
        return db.session.get_one(Supplier, self.supplier.merged_into_id)

    def bought(self) -> list[Bought]:
        """What was bought in the last days, a sum for each currency: those are never added to each other."""
        query = select(Invoice.currency, func.sum(Invoice.total_amount), func.count())
        query = query.where(
            Invoice.supplier_id == self.supplier.id, Invoice.status.in_(BOUGHT), Invoice.invoice_date >= self.since
        )
        rows = db.session.execute(query.group_by(Invoice.currency).order_by(func.count().desc(), Invoice.currency))
        return [Bought(*row) for row in rows]

    @property
    def invoices_url(self) -> str:
        """The invoices that make the sum."""
        since: dict[str, Any] = {"from": self.since.isoformat()}
        return url_for("account.invoices.index", supplier_id=self.supplier.id, **since)

    def explain(self, bought: Bought) -> Explanation:
        """How what was bought comes about."""
        return Explanation(
            _("Bought from %(supplier)s", supplier=self.supplier.name),
            _(
                "the sum of %(count)s = %(amount)s",
                count=ngettext("%(num)s invoice", "%(num)s invoices", bought.invoices),
                amount=format_money(bought.amount, bought.currency),
            ),
            [
                Input(_l("Invoices"), str(bought.invoices), self.invoices_url),
                Input(_l("From"), typed_day(self.since, choose_locale())),
            ],
            note=_l("Active and paid papers with their VAT; credit notes take off."),
        )

    def to_decide(self) -> list["ToDecide"]:
        """How many exceptions wait, and the money at stake with them, for each currency."""
        stake = func.sum(InvoiceException.money_at_stake)
        query = (
            select(Invoice.currency, func.count(), stake)
            .join(Invoice, Invoice.id == InvoiceException.invoice_id)
            .where(Invoice.supplier_id == self.supplier.id, InvoiceException.state == ExceptionState.OPEN)
            .group_by(Invoice.currency)
        )
        return [ToDecide(*row) for row in db.session.execute(query.order_by(stake.desc(), Invoice.currency))]

    @property
    def may_add_files(self) -> bool:
        """Files of a supplier belong to no restaurant: those who work in all of them keep and see them."""
        return may(Permission.CATALOGUE_EDIT) and require_scope().restaurant_ids is None

    def seen_by(self, document: Document) -> Permission:
        """Who may open a file."""
        return SEEN_BY[document.document_type]

    def documents(self) -> Sequence[Document]:
        """The latest files of the supplier, the newest first."""
        query = select(Document).where(Document.supplier_id == self.supplier.id)
        newest = query.order_by(Document.upload_date.desc(), Document.id).limit(LATEST_DOCUMENTS)
        return db.session.scalars(newest).all()

    def of_same_number(self) -> Sequence[Any]:
        """Other suppliers in use with this ИНН (id, name): branches, or doubles."""
        if not self.supplier.tax_id or not self.supplier.is_active:
            return []
        return holders_of_tax_id(self.supplier.tax_id, self.supplier.kpp, but=self.supplier.id)
