"""Suppliers with papers of their own, beside those of the cast."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

DAY = date(2026, 9, 7)


class Buying:
    """Adds suppliers and what hangs on them, as the superuser of the database."""

    def __init__(self, sql, chain):
        self.sql, self.chain = sql, chain

    def add(self, table, **columns):
        """A row of the chain; its id."""
        row = {"id": uuid4(), "account_id": self.chain.account_id} | columns
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        self.sql(f"INSERT INTO getinn_ops.{table} ({names}) VALUES ({marks})", list(row.values()))
        return row["id"]

    def supplier(self, name, **columns):
        return self.add("supplier", name=name, **columns)

    def invoice(self, supplier_id, number, total=None, at=None, **columns):
        """An invoice of one line (with a total), in the first restaurant unless ``at`` says another."""
        restaurant_id, store_id = at or (self.chain.restaurant_id, self.chain.store_id)
        place = {"restaurant_id": restaurant_id, "store_id": store_id}
        status = columns.pop("status", "active")
        told = {
            "invoice_date": DAY,
            "currency": "RUB",
            "status": "cancelled" if status == "cancelled" else "draft",
        } | columns
        invoice_id = self.add("invoice", supplier_id=supplier_id, invoice_number=number, **place, **told)
        if total is not None:
            self.sql(
                "INSERT INTO getinn_ops.invoice_item (account_id, invoice_id, position, description, quantity,"
                " unit_price, line_total) VALUES (%s, %s, 1, 'x', 1, %s, %s)",
                [self.chain.account_id, invoice_id, total, total],
            )
        self.sql(
            "UPDATE getinn_ops.invoice SET status = %s, total_amount = %s WHERE id = %s",
            [status, total or Decimal(0), invoice_id],
        )
        return invoice_id

    def completed_statement(self, **columns):
        """A statement that was compared and completed: its rows never change."""
        statement_id = self.add("reconciliation", status="compared", **columns)
        self.sql("UPDATE getinn_ops.reconciliation SET status = 'completed' WHERE id = %s", [statement_id])
        return statement_id

    def of(self, table, row_id, column="supplier_id"):
        """One column of a row."""
        [row] = self.sql(f"SELECT {column} AS value FROM getinn_ops.{table} WHERE id = %s", [row_id])
        return row.value


@pytest.fixture
def buying(superuser_sql, world):
    return Buying(superuser_sql, world.pelmenya)
