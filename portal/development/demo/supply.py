"""A year of what a demo chain bought: suppliers, items with packs, papers whose prices move, a statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import select, update

from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit, SupplierItem, UnitCategory, UnitCategoryName
from portal.catalogue.seeds import seed_units
from portal.catalogue.supplier_items import description_key
from portal.db.amounts import rounded
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.development.demo.files import plan_of
from portal.development.demo.staff import dated_back
from portal.invoices.arithmetic import vat_within
from portal.invoices.entering import enter_all
from portal.invoices.models import Invoice
from portal.invoices.paper import Paper, PaperLine
from portal.stores.models import Store
from portal.suppliers.models import Supplier

YEAR = 364
# The standard rate was 20 % until the end of 2025; food has a rate of its own.
RATES = {"food": ((date.min, "10"),), "std": ((date.min, "20"), (date(2026, 1, 1), "22"))}
LEFT_OUT = 4
PAY_AFTER = timedelta(days=21)


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

    def rate(self, day: date) -> Decimal:
        """The rate of VAT of that day."""
        return Decimal([told for since, told in RATES[self.plan["vat"]] if since <= day][-1])


class Year:
    """The papers of one supplier after the other, from a year ago to yesterday; alike at every loading."""

    def __init__(self, chain: DemoChain) -> None:
        self.chain, self.plan = chain, plan_of("supply.json")
        self.story: dict[str, Any] = self.plan["story"]
        self.today = chain.now.date()
        self.units = {unit.symbol: unit for unit in db.session.scalars(select(MeasureUnit))}
        self.suppliers: dict[str, Supplier] = {}
        self.goods: dict[str, list[Goods]] = {}

    def fill(self) -> None:
        """Everything, in the order in which it refers to each other."""
        self._add_suppliers()
        self._add_items()
        for plan in self.plan["suppliers"]:
            papers = list(self._papers(plan))
            _enter(self.chain, papers)
        self._pay()

    def day(self, ago: int) -> date:
        """So many days before today."""
        return self.today - timedelta(days=ago)

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
                reorder_level=Decimal(plan["quantity"]),
            )
            item.open()
            pack_id = self._pack(item, plan["pack"], counted.id) if plan["pack"] else unit_id
            self.goods.setdefault(plan["supplier"], []).append(Goods(plan, item.id, pack_id))
            self._teach(plan, item.id, pack_id)

    @property
    def goods_of_all(self) -> list[Goods]:
        """The items that are there so far."""
        return [each for goods in self.goods.values() for each in goods]

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

    def _papers(self, plan: dict[str, Any]) -> Iterator[Paper]:
        stores = _stores_of(plan["stores"])
        number = plan["first"]
        for ago in range(YEAR - plan["weekday"], 0, -plan["every"]):
            for store in stores:
                # A store that opened in the year buys from then on; each skips a week now and then.
                if self.chain.random.randrange(LEFT_OUT) == 0:
                    continue
                number += 1
                yield self._paper(plan, store, ago, f"{plan['prefix']}{str(number).zfill(plan['width'])}")

    def _paper(self, plan: dict[str, Any], store: Store, ago: int, number: str) -> Paper:
        goods = self.goods[plan["key"]]
        chosen = self.chain.random.sample(goods, k=max(1, min(len(goods), self.chain.random.randint(2, 5))))
        lines = tuple(self._line(each, ago) for each in sorted(chosen, key=goods.index))
        day = self.day(ago)
        return Paper(
            supplier_id=self.suppliers[plan["key"]].id,
            store_id=store.id,
            number=number,
            invoice_date=day,
            due_date=day + PAY_AFTER,
            kind="invoice",
            currency="RUB",
            prices_include_vat=True,
            stated_total=sum((line.line_total for line in lines), Decimal()),
            lines=lines,
        )

    def _line(self, goods: Goods, ago: int) -> PaperLine:
        usual = Decimal(goods.plan["quantity"])
        quantity = max(
            Decimal(1), rounded(usual * Decimal(self.chain.random.randint(70, 130)) / 100, self._decimals(goods))
        )
        price, rate = goods.price(ago, self.story), goods.rate(self.day(ago))
        total = rounded(quantity * price)
        return PaperLine(
            description=goods.plan["called"],
            quantity=quantity,
            unit_id=goods.unit_id,
            unit_price=price,
            line_total=total,
            vat_rate=rate,
            vat_amount=vat_within(total, rate),
            item_id=goods.item_id,
            base_quantity=self._base(goods, quantity, ago),
            accepted_quantity=self._accepted(goods, quantity, ago),
        )

    @staticmethod
    def _decimals(goods: Goods) -> int:
        """Packs and pieces come whole, what is weighed does not."""
        return 0 if goods.plan["pack"] or goods.plan["unit"] == "шт" else 1

    def _base(self, goods: Goods, quantity: Decimal, ago: int) -> Decimal | None:
        """In the item's own unit where the pack was another one that day: the same pack holds less now."""
        shrunk = self.story["shrunk"]
        if goods.plan["key"] != shrunk["item"] or ago > shrunk["ago"]:
            return None
        return quantity * Decimal(shrunk["count"])

    def _accepted(self, goods: Goods, quantity: Decimal, ago: int) -> Decimal | None:
        """One delivery was short."""
        short = self.story["short"]
        is_short = goods.plan["key"] == short["item"] and short["ago"] - 7 < ago <= short["ago"]
        return quantity - Decimal(short["missing"]) if is_short else None

    def _pay(self) -> None:
        """What is due was paid."""
        db.session.execute(
            update(Invoice).where(Invoice.due_date < self.today, Invoice.status == "active").values(status="paid")
        )


def add_supply(chain: DemoChain) -> None:
    """The year; a chain that buys nothing yet shows what to do first."""
    with force_locale("ru"), dated_back(chain, chain.ago(days=YEAR)):
        seed_units()
    if chain.plan.get("buys"):
        with force_locale("ru"):
            Year(chain).fill()


def _stores_of(kind: str) -> list[Store]:
    """The first store of the kind of each open restaurant."""
    query = select(Store).where(Store.kind == kind, Store.is_active).order_by(Store.created_at, Store.id)
    first: dict[UUID, Store] = {}
    for store in db.session.scalars(query):
        if store.restaurant.is_active:
            first.setdefault(store.restaurant_id, store)
    return list(first.values())


def _enter(chain: DemoChain, papers: list[Paper]) -> None:
    """Enter them, each on its day: the log says so, and so do the rows."""
    days: dict[UUID, datetime] = {}

    def at(line: Any) -> datetime:
        return days.get(line.entity_id) or chain.ago(days=1)

    with dated_back(chain, at):
        for invoice in enter_all(papers):
            days[invoice.id] = datetime.combine(invoice.invoice_date, time(9, 40), UTC)
    db.session.flush()
