"""A chain's stock as its people's browsers send it, and as the database keeps it."""

import re
from uuid import UUID, uuid4

S = "getinn_ops"


class StockBrowser:
    """One person's browser on the pages of stock; the item is the chain's own, told in kg."""

    def __init__(self, browser, chain, sql):
        self.browser, self.chain, self.sql = browser, chain, sql
        [row] = sql(f"SELECT name FROM {S}.inventory_item WHERE id = %s", [chain.id_of("inventory_item")])
        self.item, self.item_id = row.name, chain.id_of("inventory_item")
        self.stock_id, self.store_id = chain.id_of("inventory_stock"), chain.store_id

    def get(self, path, **options):
        """A page of the chain."""
        return self.browser.get(self.browser.account(path), **options)

    def post(self, path, data=None, **options):
        """A form of the chain."""
        return self.browser.post(self.browser.account(path), data, **options)

    def entry(self, *rows, **head):
        """The form of something taken out, with rows of (item, quantity, unit, lot)."""
        form = {"store_id": str(self.store_id), "reason": "spoiled", "lines-stamp": "none"} | head
        form["lines"] = [f"n{place}" for place in range(1, len(rows) + 1)]
        for place, (item, quantity, unit, lot) in enumerate(rows, 1):
            texts = {"inventory_item_id": item, "quantity": quantity, "unit_id": unit, "lot": lot}
            form |= {f"lines-n{place}-{name}": value for name, value in texts.items()}
        return form

    def write_off(self, *rows, htmx=False, **head):
        """Send it."""
        return self.post("stock/write-offs/new", self.entry(*rows, **head), htmx=htmx)

    def transfer(self, *rows, **head):
        """Send the other one."""
        return self.post("stock/transfers/new", self.entry(*rows, **head))

    def balances(self, store_id=None):
        """What the store holds of the item: quantity by lot."""
        rows = self.sql(
            f"SELECT lot_number, quantity FROM {S}.inventory_stock WHERE store_id = %s AND inventory_item_id = %s",
            [store_id or self.store_id, self.item_id],
        )
        return {row.lot_number: row.quantity for row in rows}

    def move(self, quantity, *, lot=None, expiry=None, kind="receipt", at="now()", group=None, item_id=None):
        """A movement that is simply there; its id."""
        row_id = uuid4()
        self.sql(
            f"INSERT INTO {S}.stock_movement (id, account_id, restaurant_id, store_id, inventory_item_id, quantity,"
            " kind, happened_at, group_id, lot_number, expiry_date, entered_by_id)"
            f" VALUES (%s, %s, %s, %s, %s, %s, %s, {at}, %s, %s, {expiry or 'NULL'}, %s)",
            [
                row_id, self.chain.account_id, self.chain.restaurant_id, self.store_id, item_id or self.item_id,
                quantity, kind, group or uuid4(), lot, self.chain.owner.id,
            ],
        )  # fmt: skip
        return row_id

    def latest(self):
        """The movement that was entered last."""
        return self.sql(f"SELECT * FROM {S}.stock_movement ORDER BY created_at DESC, quantity LIMIT 1")[0]

    def start(self, **fields):
        """Begin a count of the store, in which another one runs no more; its id."""
        self.sql(f"UPDATE {S}.stocktake SET status = 'abandoned' WHERE store_id = %s", [self.store_id])
        answer = self.post("counts/new", {"store_id": str(self.store_id)} | fields)
        assert answer.status_code == 303, answer.text
        return UUID(re.search(r"counts/([0-9a-f-]{36})", answer.location)[1])

    def line_of(self, count_id, item_id=None):
        """The line of the item in a count."""
        [line] = self.sql(
            f"SELECT * FROM {S}.stocktake_item WHERE stocktake_id = %s AND inventory_item_id = %s",
            [count_id, item_id or self.item_id],
        )
        return line

    def count(self, count_id, quantity, *, htmx=True, mark=None, **more):
        """Type what was counted of the item; ``mark`` is what the page was made of."""
        line = self.line_of(count_id)
        data = {"counted_quantity": quantity} | ({"_read": mark} if mark else {}) | more
        return self.post(f"counts/{count_id}/lines/{line.id}", data, htmx=htmx)

    def mark_of(self, count_id):
        """What the page of the count carries of the item's line."""
        page = self.get(f"counts/{count_id}").text
        line = page.split(f'id="line-{self.line_of(count_id).id}"')[1]
        return re.search(r'name="_read"\s+value="([^"]*)"', line)[1]
