"""How the money came about that is at stake where order, delivery and invoice do not agree."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.explaining import Explanation, Input
from portal.db.amounts import DASH, NO_BREAK_SPACE, format_money, format_quantity, rounded
from portal.invoices.models import InvoiceException
from portal.web.navigation import page_of
from portal.web.values import uuid_or_none

# What comparing an invoice with its order and deliveries finds; how much of the line is meant is its ``part``.
BY_QUANTITY = frozenset({"over_billed", "not_received", "not_ordered"})
BY_PRICE = "price_above_order"


def explain_stake(exception: InvoiceException, currency: str) -> Explanation | None:
    """The formula with its numbers, and the papers; ``None`` where the sentence says it all."""
    told = Stake(exception, currency)
    formula = told.formula
    if formula is None:
        return None
    return Explanation(
        title=_("Money at stake"),
        formula=f"{formula} = {format_money(exception.money_at_stake, currency)}",
        inputs=told.inputs,
        when=exception.updated_at,
        note=_("It is a share of the line's total: the price is shown rounded, and reckoned with exactly."),
    )


class Stake:
    """The numbers of one exception as people read them."""

    def __init__(self, exception: InvoiceException, currency: str) -> None:
        self.kind, self.evidence, self.currency = str(exception.kind), exception.evidence, currency

    @property
    def formula(self) -> str | None:
        """How much times what each costs, or costs too much."""
        part = self._quantity("part")
        if part is None:
            return None
        if self.kind in BY_QUANTITY:
            return f"{part} × {self._money('price')}"
        if self.kind == BY_PRICE:
            return f"({self._money('price')} − {self._money('price_ordered')}) × {part}"
        return None

    @property
    def inputs(self) -> list[Input]:
        """The three quantities and the two prices, with the papers that say them."""
        order, delivery = self._page("orders", "purchase_order"), self._page("deliveries", "delivery")
        return [
            Input(_("Ordered"), self._quantity("ordered") or DASH, order),
            Input(_("Accepted"), self._quantity("accepted") or DASH, delivery),
            Input(_("Billed"), self._quantity("invoiced") or DASH),
            Input(_("Price of the invoice"), self._money("price")),
            Input(_("Price of the order"), self._money("price_ordered"), order),
        ]

    def _number(self, name: str) -> Decimal | None:
        value: Any = self.evidence.get(name)
        return None if value is None else Decimal(str(value))

    def _quantity(self, name: str) -> str | None:
        value = self._number(name)
        return None if value is None else f"{format_quantity(value)}{NO_BREAK_SPACE}{self.evidence.get('unit', '')}"

    def _money(self, name: str) -> str:
        value = self._number(name)
        return DASH if value is None else format_money(rounded(value, 2 if abs(value) >= 1 else 4), self.currency)

    def _page(self, name: str, table: str) -> str | None:
        """The page of the paper, where there is one of its kind and the person may see it."""
        ids: list[Any] = self.evidence.get(name) or []
        row_id: UUID | None = uuid_or_none(str(ids[0])) if len(ids) == 1 else None
        seen = Permission.ORDERS_SEE if table == "purchase_order" else Permission.STOCK_SEE
        return page_of(table, row_id) if row_id is not None and may(seen) else None
