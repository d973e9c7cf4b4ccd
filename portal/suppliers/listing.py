"""The list of suppliers: what was bought of each lately, and what about it waits for a decision."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import ColumnElement, Date, any_, bindparam, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from portal.accounts.models import Account
from portal.db.amounts import Money, number_locale
from portal.db.types import utc_now
from portal.iiko.sync.filters import iiko_filter
from portal.invoices.models import ExceptionState, Invoice, InvoiceException, InvoiceStatus
from portal.suppliers.models import Supplier
from portal.suppliers.tax_ids import TaxIdFault, check_tax_id
from portal.tenancy.scope import require_scope
from portal.web.listing import Column, Filter, Sort, record_list
from portal.web.listing.declaration import moment

# So many days of buying are shown.
SPEND_DAYS = 90
# What is owed or was paid; drafts and cancelled papers are no spending.
BOUGHT = (InvoiceStatus.ACTIVE, InvoiceStatus.PAID)

s, i, x, a = (each.__table__.c for each in (Supplier, Invoice, InvoiceException, Account))
_SINCE = bindparam("spend_since", None, type_=Date())
_ASSIGNED = bindparam("seen_restaurants", None, type_=ARRAY(PgUUID()))


def spend_since() -> date:
    """The first day whose invoices count."""
    return utc_now().date() - timedelta(days=SPEND_DAYS)


def is_seen(restaurant_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the person works in a restaurant, of ``seen_restaurants``: figures are about what they may see."""
    return or_(_ASSIGNED.is_(None), restaurant_id == any_(_ASSIGNED))


def seen_restaurants() -> dict[str, Any]:
    """What ``is_seen`` asks for: the restaurants of the person, none where they work in all."""
    restaurant_ids = require_scope().restaurant_ids
    return {"seen_restaurants": None if restaurant_ids is None else list(restaurant_ids)}


_OF_SUPPLIER = (i.account_id == s.account_id, i.supplier_id == s.id, is_seen(i.restaurant_id))
_CURRENCY = select(a.currency).where(a.id == s.account_id).correlate(Supplier.__table__).scalar_subquery()
SPEND = type_coerce(
    select(func.coalesce(func.sum(i.total_amount), 0))
    .where(*_OF_SUPPLIER, i.status.in_(BOUGHT), i.invoice_date >= _SINCE, i.currency == _CURRENCY)
    .correlate(Supplier.__table__)
    .scalar_subquery(),
    Money(),
)
# What waits is counted once for all suppliers: there are few open exceptions, and many invoices of each supplier.
_WAITING = (
    select(i.supplier_id, func.count().label("count"))
    .select_from(InvoiceException.__table__)
    .join(Invoice.__table__, (i.account_id == x.account_id) & (i.id == x.invoice_id))
    .where(x.account_id == bindparam("account_id", None, type_=PgUUID()), x.state == ExceptionState.OPEN)
    .where(is_seen(i.restaurant_id))
    .group_by(i.supplier_id)
    .subquery("waiting")
)


@dataclass(frozen=True)
class OpenExceptionsFilter(Filter):
    """Suppliers about whose invoices somebody has to decide. It carries what the figures of the list depend on."""

    def parameters(self, value: str) -> dict[str, Any]:
        """Since when spending counts, and where the person works."""
        return {"spend_since": spend_since(), **seen_restaurants()}


def shown_amount(value: Decimal) -> str:
    """Money in the chain's own currency, which the page's other amounts are in, too."""
    return str(format_decimal(value, format="#,##0.00", locale=number_locale()))


def shown_tax_id(value: str) -> Any:
    """An ИНН, marked where iiko brought one that cannot be right."""
    if not isinstance(check_tax_id(value), TaxIdFault):
        return value
    return Markup('{} <span class="badge badge--warn">{}</span>').format(value, _("does not fit"))


SUPPLIERS = record_list(
    "suppliers",
    Supplier,
    [
        "name",
        Column("spend", _l("Bought in 90 days"), source=SPEND, show=shown_amount, number=True, priority=1),
        Column("exceptions", _l("To decide"), source=func.coalesce(_WAITING.c.count, 0), show=str, number=True),
        Column("tax_id", show=shown_tax_id, nowrap=True, in_export=False),
        Column("tax_number", _l("Tax ID (ИНН)"), source=s.tax_id, in_table=False),
        Column("kpp", nowrap=True, priority=3),
        "is_active",
        Column("iiko_id", in_table=False),
        "updated_at",
    ],
    source=Supplier.__table__.outerjoin(_WAITING, _WAITING.c.supplier_id == s.id),
    sorts=[
        Sort("name", _l("Name"), s.name),
        Sort("spend", _l("Bought in 90 days"), SPEND, parse=Decimal, descending=True, shown_by="spend"),
        Sort("updated", _l("Last changed"), s.updated_at, parse=moment, descending=True),
    ],
    filters=[
        OpenExceptionsFilter(
            "exceptions",
            _l("To decide"),
            choices=[("", _l("Any")), ("open", _l("Something to decide"))],
            conditions={"": None, "open": _WAITING.c.supplier_id.is_not(None)},
        ),
        iiko_filter(s),
    ],
    search_label=_l("Search by name or ИНН"),
    empty_text=_l("Whoever you buy from. iiko brings yours along, or add the first one by hand."),
    icon="archive",
)
