"""What a demo chain buys: its suppliers, items, packs, and what each is called on paper."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit, UnitCategory, UnitCategoryName
from portal.catalogue.names import SupplierItem
from portal.catalogue.supplier_items import description_key
from portal.db.amounts import rounded
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.suppliers.models import Supplier

# The standard rate was 20 % until the end of 2025; food has a rate of its own.
RATES = {"food": ((date.min, "10"),), "std": ((date.min, "20"), (date(2026, 1, 1), "22"))}


@dataclass(frozen=True)
class Goods:
    """An item as the plan tells of it, with the units that papers and the chain reckon in."""

    plan: dict[str, Any]
    item_id: UUID
    unit_id: UUID

    def price(self, ago: int, story: dict[str, Any]) -> Decimal:
        """What the paper asks for one of its units, so many days before today."""
        factor = Decimal(1)
        for since, told in story["prices"].get(self.plan["key"], ()):
            if ago <= since:
                factor = Decimal(told)
        return rounded(Decimal(self.plan["price"]) * factor)

    @property
    def usual(self) -> Decimal:
        """How much of it a restaurant orders at once, in the item's base unit."""
        pack = self.plan["pack"]
        return Decimal(self.plan["quantity"]) * Decimal(pack[2] if pack else "1")

    def rate(self, day: date) -> Decimal:
        """The rate of VAT of that day."""
        return Decimal([told for since, told in RATES[self.plan["vat"]] if since <= day][-1])


class Shelf:
    """The suppliers and the items of the plan, added by the verbs that people use."""

    def __init__(self, chain: DemoChain, plan: dict[str, Any]) -> None:
        self.chain, self.plan = chain, plan
        self.story: dict[str, Any] = plan["story"]
        self.units = {unit.symbol: unit for unit in db.session.scalars(select(MeasureUnit))}
        self.suppliers: dict[str, Supplier] = {}
        self.goods: dict[str, list[Goods]] = {}

    def fill(self) -> None:
        """Suppliers, then items: those name them."""
        self._add_suppliers()
        self._add_items()

    def day(self, ago: int) -> date:
        """So many days before today."""
        return self.chain.now.date() - timedelta(days=ago)

    def _add_suppliers(self) -> None:
        for plan in self.plan["suppliers"]:
            supplier = Supplier(
                id=self.chain.id_of("supplier", plan["key"]),
                name=plan["name"],
                tax_id=plan["tax_id"],
                kpp=plan["kpp"],
                contact_info={"email": plan["email"], "phone": plan["phone"]},
            )
            supplier.open()
            self.suppliers[plan["key"]] = supplier
        db.session.flush()

    def _add_items(self) -> None:
        counted = db.session.scalars(select(UnitCategory).where(UnitCategory.name == UnitCategoryName.COUNT)).one()
        for plan in self.plan["items"]:
            unit_id = self.units[plan["unit"]].id
            item = InventoryItem(
                id=self.chain.id_of("inventory_item", plan["key"]),
                name=plan["name"],
                sku=f"П-{len(self.goods_of_all) + 101}",
                default_unit_id=unit_id,
                category=plan["category"],
            )
            pack_id = self._pack(item, plan["pack"], counted.id) if plan["pack"] else unit_id
            goods = Goods(plan, item.id, pack_id)
            # Half of what is ordered at once: less than that does not last until the next delivery.
            item.reorder_level = goods.usual / 2
            item.open()
            self.goods.setdefault(plan["supplier"], []).append(goods)
            self._teach(plan, item.id, pack_id)

    @property
    def goods_of_all(self) -> list[Goods]:
        """The items that are there so far."""
        return [each for goods in self.goods.values() for each in goods]

    @property
    def known(self) -> dict[str, Goods]:
        """The items by their keys in the plan."""
        return {each.plan["key"]: each for each in self.goods_of_all}

    def place_of(self, item_id: UUID) -> int:
        """Where an item stands in the plan."""
        return [each.item_id for each in self.goods_of_all].index(item_id)

    def _pack(self, item: InventoryItem, pack: list[str], category_id: UUID) -> UUID:
        symbol, name, count = pack
        if symbol not in self.units:
            unit = MeasureUnit(
                id=self.chain.id_of("unit", symbol), name=name, symbol=symbol, unit_category_id=category_id
            )
            unit.open()
            self.units[symbol] = unit
        db.session.flush()
        ratio = {"from_quantity": Decimal(1), "to_quantity": Decimal(count)}
        db.session.add(
            ItemUnit(
                inventory_item_id=item.id,
                position=1,
                from_unit_id=self.units[symbol].id,
                to_unit_id=item.default_unit_id,
                **ratio,
            )
        )
        return self.units[symbol].id

    def _teach(self, plan: dict[str, Any], item_id: UUID, unit_id: UUID) -> None:
        """What the supplier calls it; of one item a price is agreed on."""
        agreed = self.story["agreed"]
        is_agreed = agreed["item"] == plan["key"]
        db.session.add(
            SupplierItem(
                supplier_id=self.suppliers[plan["supplier"]].id,
                inventory_item_id=item_id,
                description=plan["called"],
                description_key=description_key(plan["called"]),
                unit_id=unit_id,
                agreed_price=Decimal(agreed["price"]) if is_agreed else None,
                agreed_from=self.day(agreed["ago"]) if is_agreed else None,
            )
        )
