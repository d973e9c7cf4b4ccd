"""Prices that were agreed with suppliers, found for the lines of their invoices."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from portal.catalogue.conversions import Conversions
from portal.catalogue.price_findings import Agreement
from portal.catalogue.queries import agreed_rows

# A name at a supplier for which a price was agreed; of a line the one that it was recognised by comes first.
AgreedRow = Any


class Agreements:
    """What was agreed on the items of some invoices; agreed prices are in the chain's currency, VAT in them."""

    def __init__(
        self, by_pair: Mapping[tuple[UUID, UUID], Sequence[AgreedRow]], conversions: Conversions | None, currency: str
    ) -> None:
        self._by_pair, self._conversions, self._currency = by_pair, conversions, currency

    @classmethod
    def of(cls, entries: Collection[tuple[Any, Sequence[Any]]], currency: str) -> "Agreements":
        """Those of the suppliers and items of some invoices with their lines."""
        suppliers = {invoice.supplier_id for invoice, _lines in entries}
        items = {line.inventory_item_id for _invoice, lines in entries for line in lines if line.inventory_item_id}
        by_pair: dict[tuple[UUID, UUID], list[AgreedRow]] = defaultdict(list)
        for row in agreed_rows(suppliers, items):
            by_pair[row.supplier_id, row.inventory_item_id].append(row)
        conversions = Conversions.of({item_id for _supplier, item_id in by_pair}) if by_pair else None
        return cls(by_pair, conversions, currency)

    def find(self, invoice: Any, line: Any) -> tuple[Agreement, Fraction | None] | None:
        """What was agreed for a line, and its quantity in that unit (``None``: no way leads there)."""
        told = self._by_pair.get((invoice.supplier_id, line.inventory_item_id), ())
        if not told or invoice.kind != "invoice" or invoice.currency != self._currency:
            return None
        row = min(told, key=lambda each: (each.id != line.supplier_item_id, each.unit_id != line.unit_id))
        return Agreement(row.agreed_price, row.unit_id, row.agreed_from), self._quantity(line, row.unit_id)

    def _quantity(self, line: Any, unit_id: UUID | None) -> Fraction | None:
        if unit_id == line.unit_id:
            return Fraction(line.quantity)
        assert self._conversions is not None
        factor = self._conversions.factor(line.inventory_item_id, line.unit_id, unit_id)
        return None if factor is None else Fraction(line.quantity) * factor
