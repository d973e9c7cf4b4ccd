"""Merging a supplier: which one it goes into, what goes along, and what did."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from portal.catalogue.names import SupplierItem
from portal.db.base import db
from portal.documents.models import Document
from portal.invoices.models import Invoice
from portal.reconciliations.models import Reconciliation
from portal.suppliers.fields import SupplierField
from portal.suppliers.merging import TWICE, twice_numbered
from portal.suppliers.models import Supplier, SupplierMerge
from portal.web.forms import PortalForm


class MergeForm(PortalForm):
    """Which supplier one goes into; asks first where both have papers of one number."""

    into_id = SupplierField(
        _l("Merge into"), description=_l("That one stays. What hangs on the other goes along with it.")
    )

    def __init__(self, supplier: Supplier, *, into_id: UUID | None = None, **given: Any) -> None:
        super().__init__(into_id=into_id, **given)
        self.supplier = supplier
        self.into_id.leave_out(supplier.id)

    @property
    def into(self) -> Supplier | None:
        """The one that stays."""
        return db.session.get(Supplier, self.into_id.data) if self.into_id.data else None

    def find_doubt(self) -> str | None:
        """Numbers that both have: nobody knows whether each of them is one paper or two."""
        into = self.into
        twice = len(twice_numbered(self.supplier.id, into.id)) if into is not None else 0
        if not twice:
            return None
        return ngettext(
            "%(num)s invoice number of %(name)s stands at the other supplier, too. Both invoices stay, each with an"
            " exception to decide. Send it once more if that is meant.",
            "%(num)s invoice numbers of %(name)s stand at the other supplier, too. All the invoices stay, with an"
            " exception each to decide. Send it once more if that is meant.",
            twice,
            name=self.supplier.name,
        )


@dataclass(frozen=True)
class Going:
    """How many rows of each kind hang on a supplier, in words."""

    lines: tuple[str, ...]

    @classmethod
    def of(cls, supplier: Supplier) -> "Going":
        """Counted in one statement."""
        told: tuple[Any, ...] = (Invoice, SupplierItem, Reconciliation, Document)
        counted = [
            select(func.count()).where(each.supplier_id == supplier.id).select_from(each).scalar_subquery()
            for each in told
        ]
        numbers = db.session.execute(select(*counted)).one()
        return cls(tuple(each.words.count.of(number) for each, number in zip(told, numbers, strict=True)))


def merged_in_words(made: SupplierMerge) -> str:
    """What a merging came to, for the person who did it."""
    told = _("%(name)s is part of %(into)s now.", name=made.supplier.name, into=made.into.name)
    twice = len(made.moved.get(TWICE, []))
    if not twice:
        return told
    return (
        told
        + " "
        + ngettext(
            "%(num)s invoice number stands there twice: look at the exceptions.",
            "%(num)s invoice numbers stand there twice: look at the exceptions.",
            twice,
        )
    )
