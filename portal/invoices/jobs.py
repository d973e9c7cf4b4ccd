"""Papers whose quantities become known, once a conversion leads there: the latest at once, all others by and by."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from portal.catalogue.following import ItemIds, follow_conversions
from portal.db.base import db
from portal.invoices.changing import judge_anew
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.words import InvoiceStatus
from portal.jobs.queue import job
from portal.tenancy.scope import enter_account, require_scope

# Whoever has just added a conversion looks at the paper that asked for it.
MAX_AT_ONCE, MAX_A_BATCH = 20, 200
FIRST = UUID(int=0)


def take_in_conversions(item_ids: ItemIds) -> int:
    """Judge anew what was waiting for a conversion of these items (``None``: of any); how many papers at once."""
    db.session.flush()
    latest = _waiting(item_ids).order_by(Invoice.invoice_date.desc(), Invoice.id).limit(MAX_AT_ONCE)
    ids = db.session.scalars(latest.with_only_columns(Invoice.id)).all()
    found = _held(_waiting(item_ids).where(Invoice.id.in_(ids)))
    judge_anew(found)
    if len(ids) == MAX_AT_ONCE:
        take_in_all_conversions.queue(account_id=str(require_scope().account_id), after=str(FIRST))
    return len(found)


@job(once_by=("account_id",))
def take_in_all_conversions(account_id: str, after: str) -> None:
    """The same for a batch of all the account's papers by their ids, and then the next one."""
    enter_account(UUID(account_id))
    found = _held(_waiting(None).where(Invoice.id > UUID(after)).limit(MAX_A_BATCH))
    judge_anew(found)
    if len(found) == MAX_A_BATCH:
        take_in_all_conversions.queue(account_id=account_id, after=str(found[-1].id))


def _held(query: Select[Invoice]) -> Sequence[Invoice]:
    """Those that still wait, in one order for all: nobody cancels one meanwhile and has its prices noted anew."""
    held = query.order_by(Invoice.id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(held).all()


def _waiting(item_ids: ItemIds) -> Select[Invoice]:
    lines = select(InvoiceItem.invoice_id).where(
        InvoiceItem.inventory_item_id.is_not(None), InvoiceItem.base_quantity.is_(None)
    )
    if item_ids is not None:
        lines = lines.where(InvoiceItem.inventory_item_id.in_(item_ids))
    counted = (InvoiceStatus.ACTIVE, InvoiceStatus.PAID)
    return select(Invoice).where(Invoice.id.in_(lines), Invoice.status.in_(counted))


follow_conversions(take_in_conversions)
