"""A chain that buys: units, items and papers, as few as a test needs."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.catalogue.conversions import Conversions
from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit, UnitCategory
from portal.catalogue.pricing import note_prices
from portal.catalogue.seeds import seed_units
from portal.db.base import db
from portal.invoices.models import Invoice, InvoiceItem, InvoiceStatus
from portal.suppliers.models import Supplier

SYMBOLS = {"166": "kg", "163": "g", "112": "l", "111": "ml", "796": "pc"}


class Buying:
    """What a test enters by hand; everything is flushed, so that it can be read past the session."""

    def __init__(self, chain):
        self.chain = chain
        seed_units()
        rows = db.session.scalars(select(MeasureUnit).where(MeasureUnit.okei_code.is_not(None)))
        self.units = {SYMBOLS[row.okei_code]: row.id for row in rows if row.okei_code in SYMBOLS}

    def unit(self, symbol):
        """A unit without a measure, such as a pack."""
        known = db.session.scalar(select(MeasureUnit.id).where(MeasureUnit.symbol == symbol))
        if symbol not in self.units and known is not None:
            self.units[symbol] = known
        if symbol not in self.units:
            counted = db.session.scalars(select(UnitCategory.id).where(UnitCategory.name == "count")).one()
            row = MeasureUnit(id=uuid4(), name=symbol, symbol=symbol, unit_category_id=counted)
            self.units[symbol] = self._kept(row).id
        return self.units[symbol]

    def supplier(self, name="A supplier"):
        return self._kept(Supplier(id=uuid4(), name=name))

    def item(self, name, base="kg", *packs):
        """An item with its packs: ``(1, "case", 12, "pack")``."""
        row = self._kept(InventoryItem(id=uuid4(), name=name, default_unit_id=self.unit(base)))
        for pack in packs:
            self.pack(row, *pack)
        return row

    def pack(self, item, from_quantity, from_unit, to_quantity, to_unit):
        return self._kept(
            ItemUnit(
                inventory_item_id=item.id,
                from_unit_id=self.unit(from_unit),
                from_quantity=Decimal(from_quantity),
                to_unit_id=self.unit(to_unit),
                to_quantity=Decimal(to_quantity),
            )
        )

    def paper(self, supplier, day, *lines, **more):
        """An active invoice, and its lines: ``(item, quantity, unit, total)`` each; its prices are not noted."""
        restaurant = more.pop("restaurant_id", self.chain.restaurant_id)
        store = more.pop("store_id", self.chain.store_id)
        invoice = self._kept(
            Invoice(
                id=uuid4(),
                supplier_id=supplier.id,
                restaurant_id=restaurant,
                store_id=store,
                invoice_number=more.pop("number", f"zq-{uuid4()}"[:20]),
                invoice_date=date.fromisoformat(day),
                currency=more.pop("currency", "RUB"),
                **more,
            )
        )
        rows = [self._line(invoice, place, *line) for place, line in enumerate(lines, start=1)]
        invoice.total_amount = sum((row.line_total for row in rows), Decimal())
        invoice.status = InvoiceStatus.ACTIVE
        db.session.flush()
        return SimpleNamespace(invoice=invoice, lines=rows)

    def enter(self, supplier, day, *lines, **more):
        """The same with its prices noted; what they say is ``findings``."""
        paper = self.paper(supplier, day, *lines, **more)
        paper.findings = note_prices(paper.invoice, paper.lines)
        return paper

    def _line(self, invoice, position, item, quantity, unit, total, vat="0"):
        unit_id = self.unit(unit) if unit else None
        quantity, total = Decimal(quantity), Decimal(total)
        item_id = item.id if item else None
        return self._kept(
            InvoiceItem(
                id=uuid4(),
                invoice_id=invoice.id,
                position=position,
                inventory_item_id=item_id,
                description=item.name if item else "Something",
                quantity=quantity,
                unit_id=unit_id,
                unit_price=round(abs(total / quantity), 4),
                line_total=total,
                vat_rate=Decimal(22) if Decimal(vat) else None,
                vat_amount=Decimal(vat),
                base_quantity=Conversions.of([item_id]).to_base(item_id, quantity, unit_id),
            )
        )

    def _kept(self, row):
        db.session.add(row)
        db.session.flush()
        return row


@pytest.fixture
def buying(scoped, world):
    """The pelmenya, entered, ready to buy; nothing of it is committed."""
    with scoped(world.pelmenya.account_id):
        yield Buying(world.pelmenya)
        db.session.rollback()
