"""A year of what a demo chain bought: suppliers, items with packs, papers whose prices move, a statement."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import select, update

from portal.catalogue.seeds import seed_units
from portal.db.amounts import rounded
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.development.demo.files import plan_of
from portal.development.demo.goods import Goods, Shelf
from portal.development.demo.receiving import add_receiving
from portal.development.demo.staff import dated_back
from portal.development.demo.statement import add_statement
from portal.invoices.arithmetic import vat_within
from portal.invoices.entering import enter_all
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from portal.invoices.paper import Paper, PaperLine
from portal.invoices.words import ExceptionState
from portal.stores.models import Store

YEAR = 364
LEFT_OUT = 4
PAY_AFTER = timedelta(days=21)
DECIDED_AFTER = 28


class Year:
    """The papers of one supplier after the other, from a year ago to yesterday; alike at every loading."""

    def __init__(self, chain: DemoChain) -> None:
        self.chain, self.plan = chain, plan_of("supply.json")
        self.story: dict[str, Any] = self.plan["story"]
        self.today = chain.now.date()
        self.shelf = Shelf(chain, self.plan)
        self._was_short = False

    def fill(self) -> None:
        """Everything, in the order in which it refers to each other."""
        with dated_back(self.chain, self.chain.ago(days=YEAR)):
            self.shelf.fill()
        for plan in self.plan["suppliers"]:
            _enter(self.chain, list(self._papers(plan)))
        self._enter_twice()
        self._pay()
        self._decide()
        with dated_back(self.chain, self.chain.ago(days=2)):
            add_statement(self.chain, self.shelf.suppliers[self.story["statement"]])
        add_receiving(self.chain, self.shelf, {key: list(_stores_of(kind)) for key, kind in self._kinds()})

    def _kinds(self) -> Iterator[tuple[str, str]]:
        """Of each supplier the kind of store that his goods are for."""
        return ((plan["key"], plan["stores"]) for plan in self.plan["suppliers"])

    def day(self, ago: int) -> date:
        """So many days before today."""
        return self.today - timedelta(days=ago)

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
        goods = self.shelf.goods[plan["key"]]
        chosen = self.chain.random.sample(goods, k=max(1, min(len(goods), self.chain.random.randint(2, 5))))
        lines = tuple(self._line(each, ago) for each in sorted(chosen, key=goods.index))
        day = self.day(ago)
        return Paper(
            supplier_id=self.shelf.suppliers[plan["key"]].id,
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
        if self._was_short or goods.plan["key"] != short["item"] or ago > short["ago"]:
            return None
        self._was_short = True
        return quantity - Decimal(short["missing"])

    def _enter_twice(self) -> None:
        """A paper that iiko tells of once more, its number without the letters in front."""
        told = self.story["duplicate"]
        query = select(Invoice).where(Invoice.supplier_id == self.shelf.suppliers[told["supplier"]].id)
        first = db.session.scalars(query.order_by(Invoice.invoice_date.desc(), Invoice.invoice_number)).first()
        assert first is not None
        number = "".join(sign for sign in first.invoice_number if sign.isdigit()).lstrip("0")
        items = db.session.scalars(
            select(InvoiceItem).where(InvoiceItem.invoice_id == first.id).order_by(InvoiceItem.position)
        )
        _enter(self.chain, [_paper_of(first, list(items), number)])

    def _decide(self) -> None:
        """What was found a while ago was decided."""
        query = (
            select(InvoiceException)
            .join(Invoice, Invoice.id == InvoiceException.invoice_id)
            .where(Invoice.invoice_date < self.day(DECIDED_AFTER), InvoiceException.state == ExceptionState.OPEN)
            .order_by(Invoice.invoice_date, InvoiceException.id)
        )
        with dated_back(self.chain, self.chain.ago(days=DECIDED_AFTER)):
            for found in db.session.scalars(query):
                found.decide(ExceptionState.ACCEPTED, "Согласовано с поставщиком по телефону")

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


def _paper_of(invoice: Invoice, items: list[InvoiceItem], number: str) -> Paper:
    lines = tuple(
        PaperLine(
            description=item.description,
            quantity=item.quantity,
            unit_id=item.unit_id,
            unit_price=item.unit_price,
            line_total=item.line_total,
            vat_rate=item.vat_rate,
            vat_amount=item.vat_amount,
            item_id=item.inventory_item_id,
        )
        for item in items
    )
    return Paper(
        supplier_id=invoice.supplier_id,
        store_id=invoice.store_id,
        number=number,
        invoice_date=invoice.invoice_date + timedelta(days=1),
        due_date=None,
        kind="invoice",
        currency=invoice.currency,
        prices_include_vat=True,
        stated_total=None,
        lines=lines,
        source="iiko",
    )


def _enter(chain: DemoChain, papers: list[Paper]) -> None:
    """Enter them, each on its day: the log says so, and so do the rows."""
    days: dict[UUID, datetime] = {}

    def at(line: Any) -> datetime:
        return days.get(line.entity_id) or chain.ago(days=1)

    with dated_back(chain, at):
        for invoice in enter_all(papers):
            days[invoice.id] = datetime.combine(invoice.invoice_date, time(9, 40), UTC)
    db.session.flush()
