"""What a new conversion makes known of papers that were entered before it."""

from collections.abc import Collection
from uuid import UUID

from flask_babel import ngettext
from sqlalchemy import select

from portal.db.base import db
from portal.invoices.changing import complete_units
from portal.invoices.models import InvoiceItem
from portal.tenancy.scope import account_scope, require_scope
from portal.web.fragments import toast


def complete_papers(item_ids: Collection[UUID] | None = None) -> None:
    """Work out what was unknown on papers with those items (``None``: with any), and tell of how many.

    Whoever adds the conversion, it holds for the papers of every restaurant.
    """
    db.session.flush()
    with account_scope(require_scope().account_id):
        completed = complete_units(_waiting() if item_ids is None else item_ids)
    if completed:
        toast(
            ngettext(
                "%(num)s paper has its price per unit now.", "%(num)s papers have their prices per unit now.", completed
            )
        )


def _waiting() -> Collection[UUID]:
    """The items of lines whose quantity in the base unit is not known."""
    query = select(InvoiceItem.inventory_item_id).where(
        InvoiceItem.inventory_item_id.is_not(None), InvoiceItem.base_quantity.is_(None)
    )
    return [item_id for item_id in db.session.scalars(query.distinct()) if item_id is not None]
