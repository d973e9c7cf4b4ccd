"""A small chain that buys, read from iiko's own bytes and brought here without a server."""

import io
from datetime import date, timedelta

from sqlalchemy import select

from portal.catalogue.models import InventoryItem
from portal.catalogue.prices import ItemPrice
from portal.db.base import db
from portal.iiko.client.answer import Answer
from portal.iiko.kinds import KINDS
from portal.iiko.sync.kinds import KindReading
from portal.iiko.sync.links import accept_alike
from portal.invoices.models import Invoice, InvoiceException, InvoiceItem
from tests.fakes.iiko import Chain
from tests.fakes.iiko.deliveries import stock
from tests.fakes.iiko.oddities import add_oddities
from tests.fakes.iiko.purchases import Purchases

DAY = date(2026, 11, 20)
WEEK = (DAY - timedelta(days=6), DAY)


def answer_of(text):
    """A whole answer."""
    body = "".join(text).encode()
    return Answer(io.BytesIO(body), None, len(body))


class Trade:
    """A chain and what it buys; ``odd`` are the invoices by what is odd with them."""

    def __init__(self, engine=None):
        self.engine, self.chain = engine, Chain.of_size(2, name="Trading chain")
        self.purchases = stock(Purchases())
        self.odd = add_oddities(self.chain, self.purchases, DAY)
        # Each test says which of them there are.
        self.purchases.invoices.clear()

    def answers(self):
        """What the server says, by the names of the requests."""
        return {
            "departments": answer_of(self.chain.departments_xml()),
            "stores": answer_of(self.chain.stores_xml()),
            "suppliers": answer_of(self.purchases.suppliers_xml()),
            "units": answer_of(self.purchases.units_json()),
            "groups": answer_of(self.purchases.groups_json()),
            "products": answer_of(self.purchases.products_json()),
            "invoices": answer_of(self.purchases.invoices_xml(self.chain, *WEEK)),
        }

    def rows(self, *keys):
        """The rows of kinds, of all where none is named."""
        facts = KindReading()
        return {key: list(KINDS[key].read(self.answers(), facts)) for key in keys or KINDS}

    def plan(self, *keys):
        """A run that has read and compared them."""
        return self.engine.run(days=WEEK, **self.rows(*keys))

    def sync(self, *keys, only_safe=False):
        """Read, compare and write."""
        return self.engine.apply(self.plan(*keys), only_safe=only_safe)

    def settle(self):
        """Bring everything here that is no invoice; units that are called alike are linked."""
        run = self.plan(*(key for key in KINDS if key != "incoming_invoices"))
        accept_alike(run)
        self.engine.apply(run)
        return self

    def tell(self, *names):
        """Odd invoices that iiko has from now on; the last of them."""
        return self.purchases.add(*(self.odd[name] for name in names))

    def bring(self, *names):
        """The same, read and written; the invoice that came of the last."""
        told = self.tell(*names)
        self.sync("incoming_invoices")
        return self.invoice(told)

    @staticmethod
    def invoice(told, part=""):
        """What stands here of one of iiko's."""
        db.session.flush()
        query = select(Invoice).where(Invoice.iiko_id == f"{told.id}{part}")
        return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()

    @staticmethod
    def lines(invoice):
        """Its lines, in order."""
        query = select(InvoiceItem).where(InvoiceItem.invoice_id == invoice.id).order_by(InvoiceItem.position)
        return db.session.scalars(query.execution_options(populate_existing=True)).all()

    @staticmethod
    def exceptions(invoice, *states):
        """What is open about it, or in those states: by kind."""
        query = select(InvoiceException).where(
            InvoiceException.invoice_id == invoice.id, InvoiceException.state.in_(states or ("open",))
        )
        return {each.kind: each for each in db.session.scalars(query.execution_options(populate_existing=True))}

    @staticmethod
    def item(product):
        """Our item of a product."""
        query = select(InventoryItem).where(InventoryItem.iiko_id == product.id)
        return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()

    def prices(self, product, *, living=True):
        """The prices of a product, the newest day first."""
        query = select(ItemPrice).where(ItemPrice.inventory_item_id == self.item(product).id)
        query = query.where(ItemPrice.voided_at.is_(None)) if living else query
        ordered = query.order_by(ItemPrice.price_date.desc(), ItemPrice.created_at.desc())
        return db.session.scalars(ordered.execution_options(populate_existing=True)).all()
