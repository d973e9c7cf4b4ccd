"""What the page of an item says."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from portal.catalogue.checking import told_number, told_step
from portal.catalogue.conversions import Conversions
from portal.catalogue.explaining import Explanation, Input
from portal.catalogue.graph import Step
from portal.catalogue.models import InventoryItem
from portal.catalogue.price_page import PriceView, prices_of
from portal.catalogue.price_words import format_price
from portal.catalogue.queries import names_of_item
from portal.web.language import choose_locale
from portal.web.times import typed_day


@dataclass(frozen=True)
class ToldPack:
    """A pack in words: "1 case = 12 pack", and what that is in the base unit where a way leads there."""

    ratio: str
    in_base: str | None


@dataclass(frozen=True)
class ToldName:
    """What a supplier calls the item, in which unit, and what was agreed since when."""

    id: UUID
    supplier_id: UUID
    supplier: str
    description: str
    unit: str | None
    agreed: str | None
    since: str | None


class ItemPage:
    """One item: its cost and where that comes from, prices, packs."""

    def __init__(self, item: InventoryItem) -> None:
        self._item, self._currency = item, item.currency
        self._conversions = Conversions.of([item.id])

    @property
    def unit(self) -> str:
        """The symbol of the base unit."""
        return self._conversions.symbols[self._item.default_unit_id]

    @property
    def cost(self) -> str:
        """What a base unit costs now."""
        return format_price(self._item.current_cost_per_unit, self._currency, self.unit)

    @property
    def since(self) -> str | None:
        """Since when it has cost that."""
        day = self._item.cost_changed_on
        return None if day is None else typed_day(day, choose_locale())

    @cached_property
    def prices(self) -> list[PriceView]:
        """The latest prices, the newest first."""
        return prices_of(self._item, self._conversions)

    @property
    def explanation(self) -> Explanation:
        """Why it costs that: the latest paper, or what is missing."""
        latest = next((each for each in self.prices if self._makes_cost(each)), None)
        if latest is not None:
            return latest.explanation
        if self._item.current_cost_per_unit is None:
            note = _("Enter an invoice with it; where its unit does not lead to %(unit)s, add a pack.", unit=self.unit)
            return Explanation(
                _("The cost is not known"),
                _("No paper says what one %(unit)s costs.", unit=self.unit),
                [Input(_("Packs"), pack.ratio) for pack in self.packs],
                note=note,
            )
        return Explanation(_("What it costs"), self.cost, note=_("The paper is of a restaurant that is not yours."))

    @cached_property
    def names(self) -> list[ToldName]:
        """What suppliers call it, by supplier."""
        return [self._name(row) for row in names_of_item(self._item.id)]

    def _name(self, row: Any) -> ToldName:
        since = typed_day(row.agreed_from, choose_locale()) if row.agreed_from else None
        price = None if row.agreed_price is None else format_price(row.agreed_price, self._currency, row.unit)
        return ToldName(row.id, row.supplier_id, row.supplier, row.description, row.unit, price, since)

    def _makes_cost(self, price: PriceView) -> bool:
        return (
            price.is_standing and price.currency == self._currency and price.price == self._item.current_cost_per_unit
        )

    @cached_property
    def packs(self) -> Sequence[ToldPack]:
        """What its packs hold."""
        return [self._told(each) for each in self._conversions.steps_of(self._item.id)]

    def _told(self, pack: Step) -> ToldPack:
        told = told_step(pack, self._conversions.symbols)
        if pack.to_id == self._item.default_unit_id:
            return ToldPack(told, None)
        factor = self._conversions.factor(self._item.id, pack.from_id, self._item.default_unit_id)
        amount = None if factor is None else f"= {told_number(pack.from_quantity * factor)} {self.unit}"
        return ToldPack(told, amount or _("%(unit)s: not known", unit=self.unit))
