"""A chain's orders as its people's browsers send them, and as the database keeps them."""

import re
from uuid import UUID

S = "getinn_ops"


class OrderBrowser:
    """One person's browser on the pages of orders; the item is the chain's own, told in kg and bought in packs."""

    def __init__(self, browser, chain, sql):
        self.browser, self.chain, self.sql = browser, chain, sql
        [row] = sql(f"SELECT name FROM {S}.inventory_item WHERE id = %s", [chain.id_of("inventory_item")])
        self.item, self.item_id = row.name, chain.id_of("inventory_item")
        self.store_id, self.supplier_id = chain.store_id, chain.id_of("supplier")
        self.sent_id = chain.id_of("purchase_order", 1)

    def get(self, path, **options):
        """A page of the chain."""
        return self.browser.get(self.browser.account(path), **options)

    def post(self, path, data=None, **options):
        """A form of the chain."""
        return self.browser.post(self.browser.account(path), data, **options)

    def form(self, *rows, **head):
        """The form of an order, with rows of (item, quantity, unit, price)."""
        told = {"store_id": str(self.store_id), "supplier_id": str(self.supplier_id), "lines-stamp": "none"} | head
        told["lines"] = [f"n{place}" for place in range(1, len(rows) + 1)]
        for place, (item, quantity, unit, price) in enumerate(rows, 1):
            texts = {"inventory_item_id": item, "quantity": quantity, "unit_id": unit, "unit_price": price}
            told |= {f"lines-n{place}-{name}": value for name, value in texts.items()}
        return told

    def order(self, *rows, **head):
        """Add an order; its id."""
        answer = self.post("orders/new", self.form(*(rows or [(self.item, "4", "pack", "91")]), **head))
        assert answer.status_code == 303, answer.text
        return UUID(re.search(r"orders/([0-9a-f-]{36})", answer.location)[1])

    def row(self, order_id):
        """The order as it is kept."""
        [row] = self.sql(f"SELECT * FROM {S}.purchase_order WHERE id = %s", [order_id])
        return row

    def lines(self, order_id):
        """Its lines in their order."""
        query = f"SELECT * FROM {S}.purchase_order_item WHERE purchase_order_id = %s ORDER BY position"
        return self.sql(query, [order_id])
