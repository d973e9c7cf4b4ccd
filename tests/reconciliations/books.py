"""Invoices of a chain's supplier, and statements opened of rows, for the tests of what is written."""

from datetime import date
from uuid import uuid4

from sqlalchemy import select

from portal.db.base import db
from portal.reconciliations.models import Reconciliation, ReconciliationItem
from portal.reconciliations.opening import Upload, open_statement
from portal.suppliers.models import Supplier

HEADINGS = ["Дата", "Документ", "Дебет", "Кредит"]
MAY = (date(2026, 5, 1), date(2026, 5, 31))
JUNE = (date(2026, 6, 1), date(2026, 6, 30))


class Books:
    """What the third supplier of a chain, who has nothing at first, has sold."""

    def __init__(self, sql, chain):
        self.sql, self.chain = sql, chain
        self.supplier_id = chain.id_of("supplier", 3)

    def invoice(self, number, day, amount, *, kind="invoice", store=1, status="active", currency="RUB", reason=None):
        """An invoice with one line; its id."""
        invoice_id = uuid4()
        place = (
            (self.chain.restaurant_id, self.chain.store_id)
            if store == 1
            else (self.chain.assigned_restaurant_id, self.chain.assigned_store_id)
        )
        self.sql(
            "WITH paper AS (INSERT INTO getinn_ops.invoice (id, account_id, supplier_id, restaurant_id, store_id, kind,"
            " status, invoice_number, invoice_date, total_amount, currency, duplicate_reason)"
            " VALUES (%(id)s, %(account)s, %(supplier)s, %(restaurant)s, %(store)s, %(kind)s, %(status)s, %(number)s,"
            " %(day)s, %(amount)s, %(currency)s, %(reason)s) RETURNING id)"
            " INSERT INTO getinn_ops.invoice_item (account_id, invoice_id, position, description, quantity, unit_price,"
            " line_total) SELECT %(account)s, id, 1, 'x', 1, %(amount)s, %(amount)s FROM paper",
            {
                "id": invoice_id, "account": self.chain.account_id, "supplier": self.supplier_id,
                "restaurant": place[0], "store": place[1], "kind": kind, "status": status, "number": number,
                "day": day, "amount": amount, "currency": currency, "reason": reason,
            },
        )  # fmt: skip
        return invoice_id

    def fill(self):
        """What was bought in a May with something for each tab of a statement; itself."""
        for number, day, amount in (("УТ-000123", 4, "15600.00"), ("УТ-000124", 5, "900.00"), ("А-1", 6, "500.00"),
                                    ("77", 10, "300.00")):  # fmt: skip
            self.invoice(number, date(2026, 5, day), amount)
        return self

    def open(self, *rows, period=MAY, headings=HEADINGS, **said):
        """A statement of those rows, compared where it is clear; in the account's scope."""
        supplier = db.session.get_one(Supplier, self.supplier_id)
        numbered = [(place, list(cells)) for place, cells in enumerate((headings, *rows), 1)]
        return open_statement(Upload(numbered, supplier, None, period, **said))


def delivery(number, day, amount):
    """A row of the supplier's books."""
    return [f"{day:%d.%m.%Y}", f"Продажа ({number} от {day:%d.%m.%Y})", str(amount), ""]


def payment(day, amount):
    return [f"{day:%d.%m.%Y}", f"Оплата ({day:%d.%m.%Y}, № 45)", "", str(amount)]


def standing(statement: Reconciliation):
    """Every row by its number and how it stands."""
    query = select(ReconciliationItem).where(ReconciliationItem.reconciliation_id == statement.id)
    items = db.session.scalars(query.order_by(ReconciliationItem.position)).all()
    return [(each.invoice_number, str(each.status)) for each in items]


def item(statement: Reconciliation, number):
    """The row of that number."""
    query = select(ReconciliationItem).where(
        ReconciliationItem.reconciliation_id == statement.id, ReconciliationItem.invoice_number == number
    )
    return db.session.scalars(query).one()
