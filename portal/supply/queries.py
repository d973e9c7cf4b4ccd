"""What the page of supply reads: what rose and what that has cost, what waits, who is bought from, open months.

Each statement names the account, and where somebody works in some restaurants only those (``seen``).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from portal.catalogue.graph import to_decimal
from portal.db.base import SCHEMA as S
from portal.db.cursor import row, rows
from portal.tenancy.scope import require_scope

MAX_RISEN, MAX_SUPPLIERS, MAX_RESTAURANTS, MAX_STATEMENTS = 10, 10, 20, 8

_HISTORY = f"{S}.inventory_item_price_history"
# Prices of no restaurant are the chain's, and everybody's.
_SEEN_PRICE = "(%(seen)s::uuid[] IS NULL OR {0}.restaurant_id IS NULL OR {0}.restaurant_id = ANY(%(seen)s))"
_SEEN = "(%(seen)s::uuid[] IS NULL OR {0}.restaurant_id = ANY(%(seen)s))"
_SAME = """p.account_id = %(account)s AND p.inventory_item_id = r.item_id AND p.supplier_id = r.supplier_id
            AND p.currency = r.currency AND p.voided_at IS NULL"""
# Less is what rounding makes of one price on two papers.
_LEAST = f"""(SELECT 1 + coalesce(max(price_tolerance), 0.5) / 100 FROM {S}.supply_settings
        WHERE account_id = %(account)s)"""  # noqa: S608
# The latest price of the days against the last one before them, and where there is none the first one within.
_RISEN = f"""
    WITH recent AS MATERIALIZED (
        SELECT p.inventory_item_id AS item_id, p.supplier_id, p.currency, sum(p.amount) AS paid,
            sum(p.base_quantity) AS quantity, count(*) AS papers,
            (array_agg(p.id ORDER BY p.price_date DESC, p.entry_no DESC))[1] AS last_id
        FROM {_HISTORY} p
        WHERE p.account_id = %(account)s AND p.price_date BETWEEN %(since)s AND %(today)s AND p.voided_at IS NULL
            AND p.supplier_id IS NOT NULL AND {_SEEN_PRICE.format("p")}
        GROUP BY 1, 2, 3 HAVING bool_or(p.change > 0)
    )
    SELECT r.item_id, r.supplier_id, r.currency, r.paid, r.quantity, r.papers,
        i.name AS item, s.name AS supplier, u.symbol AS unit,
        f.id AS from_id, f.price_date AS from_day, f.amount AS from_amount, f.base_quantity AS from_quantity,
        t.id AS to_id, t.price_date AS to_day, t.amount AS to_amount, t.base_quantity AS to_quantity
    FROM recent r
    JOIN {_HISTORY} t ON t.account_id = %(account)s AND t.id = r.last_id
    CROSS JOIN LATERAL (
        SELECT * FROM (
            (SELECT 1 AS choice, p.* FROM {_HISTORY} p
            WHERE {_SAME} AND p.price_date < %(since)s AND {_SEEN_PRICE.format("p")}
            ORDER BY p.price_date DESC, p.entry_no DESC LIMIT 1)
            UNION ALL
            (SELECT 2 AS choice, p.* FROM {_HISTORY} p
            WHERE {_SAME} AND p.price_date BETWEEN %(since)s AND %(today)s AND {_SEEN_PRICE.format("p")}
            ORDER BY p.price_date, p.entry_no LIMIT 1)
        ) AS known ORDER BY choice LIMIT 1
    ) f
    JOIN {S}.inventory_item i ON i.account_id = %(account)s AND i.id = r.item_id
    JOIN {S}.unit u ON u.account_id = %(account)s AND u.id = i.default_unit_id
    JOIN {S}.supplier s ON s.account_id = %(account)s AND s.id = r.supplier_id
    WHERE t.amount * f.base_quantity > f.amount * t.base_quantity * {_LEAST}
    ORDER BY r.paid - f.amount * r.quantity / f.base_quantity DESC, i.name, r.item_id, r.supplier_id
    LIMIT {MAX_RISEN}
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Risen:
    """An item that costs more at a supplier than before: its former and its latest price, and what was paid meanwhile.

    A price is ``amount`` for ``quantity`` in the item's base unit; ``paid`` and ``quantity`` are sums of ``papers``.
    """

    item_id: UUID
    supplier_id: UUID
    currency: str
    paid: Decimal
    quantity: Decimal
    papers: int
    item: str
    supplier: str
    unit: str
    from_id: UUID
    from_day: date
    from_amount: Decimal
    from_quantity: Decimal
    to_id: UUID
    to_day: date
    to_amount: Decimal
    to_quantity: Decimal

    @property
    def former(self) -> Fraction:
        """What a base unit cost before, exactly."""
        return Fraction(self.from_amount) / Fraction(self.from_quantity)

    @property
    def latest(self) -> Fraction:
        """What it costs now."""
        return Fraction(self.to_amount) / Fraction(self.to_quantity)

    @property
    def percent(self) -> Decimal:
        """By how much it rose."""
        return to_decimal((self.latest / self.former - 1) * 100, 2)

    @property
    def at_former(self) -> Decimal:
        """What the same would have cost at the former price."""
        return to_decimal(self.former * Fraction(self.quantity), 2)

    @property
    def cost(self) -> Decimal:
        """What the rise has cost since: what was paid, without what the same would have cost before."""
        return self.paid - self.at_former


def what_rose(since: date, today: date) -> list[Risen]:
    """The items that rose in those days, those first that it has cost most."""
    return rows(Risen, _RISEN, **_place(), since=since, today=today)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open exceptions of a restaurant, in one currency."""

    restaurant_id: UUID
    restaurant: str
    currency: str
    count: int
    stake: Decimal


_WAITING = f"""
    SELECT r.id AS restaurant_id, r.name AS restaurant, i.currency, count(*) AS count,
        coalesce(sum(e.money_at_stake), 0) AS stake
    FROM {S}.invoice_exception e
    JOIN {S}.invoice i ON i.account_id = e.account_id AND i.id = e.invoice_id
    JOIN {S}.restaurant r ON r.account_id = i.account_id AND r.id = i.restaurant_id
    WHERE e.account_id = %(account)s AND e.state = 'open' AND {_SEEN.format("i")}
    GROUP BY r.id, r.name, i.currency ORDER BY stake DESC, r.name, r.id, i.currency LIMIT {MAX_RESTAURANTS}
""".encode()  # noqa: S608


def what_waits() -> list[Waiting]:
    """Exceptions that nobody has decided, by restaurant, those with most money at stake first."""
    return rows(Waiting, _WAITING, **_place())


@dataclass(frozen=True, slots=True)
class Bought:
    """What was bought of a supplier, in one currency."""

    supplier_id: UUID
    supplier: str
    currency: str
    amount: Decimal
    papers: int


_BOUGHT = f"""
    SELECT s.id AS supplier_id, s.name AS supplier, i.currency, sum(i.total_amount) AS amount, count(*) AS papers
    FROM {S}.invoice i JOIN {S}.supplier s ON s.account_id = i.account_id AND s.id = i.supplier_id
    WHERE i.account_id = %(account)s AND i.status IN ('active', 'paid') AND {_SEEN.format("i")}
        AND i.invoice_date BETWEEN %(since)s AND %(today)s
    GROUP BY s.id, s.name, i.currency ORDER BY amount DESC, s.name, s.id, i.currency LIMIT {MAX_SUPPLIERS}
""".encode()  # noqa: S608


def who_was_bought_from(since: date, today: date) -> list[Bought]:
    """The suppliers on whom most was spent in those days."""
    return rows(Bought, _BOUGHT, **_place(), since=since, today=today)


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement that nobody has completed."""

    id: UUID
    supplier: str
    restaurant: str | None
    status: str
    period_from: date
    period_to: date


_OPEN_STATEMENTS = f"""
    SELECT c.id, s.name AS supplier, r.name AS restaurant, c.status, c.period_from, c.period_to
    FROM {S}.reconciliation c
    JOIN {S}.supplier s ON s.account_id = c.account_id AND s.id = c.supplier_id
    LEFT JOIN {S}.restaurant r ON r.account_id = c.account_id AND r.id = c.restaurant_id
    WHERE c.account_id = %(account)s AND c.status <> 'completed' AND {_SEEN.format("c")}
    ORDER BY c.period_to, s.name, c.id LIMIT {MAX_STATEMENTS}
""".encode()  # noqa: S608


def open_statements() -> list[OpenStatement]:
    """Statements that are not completed, the oldest first."""
    return rows(OpenStatement, _OPEN_STATEMENTS, **_place())


_WITHOUT_STATEMENT = f"""
    SELECT s.id AS supplier_id, s.name AS supplier, i.currency, sum(i.total_amount) AS amount, count(*) AS papers
    FROM {S}.invoice i JOIN {S}.supplier s ON s.account_id = i.account_id AND s.id = i.supplier_id
    WHERE i.account_id = %(account)s AND i.status IN ('active', 'paid') AND {_SEEN.format("i")}
        AND i.invoice_date BETWEEN %(since)s AND %(until)s
        AND NOT EXISTS (
            SELECT FROM {S}.reconciliation c WHERE c.account_id = i.account_id AND c.supplier_id = i.supplier_id
                AND c.period_from <= %(since)s AND c.period_to >= %(until)s
                AND (c.restaurant_id IS NULL OR c.restaurant_id = i.restaurant_id)
        )
    GROUP BY s.id, s.name, i.currency ORDER BY amount DESC, s.name, s.id, i.currency LIMIT {MAX_STATEMENTS}
""".encode()  # noqa: S608


def without_statement(since: date, until: date) -> list[Bought]:
    """Suppliers bought from in a month of which no statement has come, those with most money first."""
    return rows(Bought, _WITHOUT_STATEMENT, **_place(), since=since, until=until)


@dataclass(frozen=True, slots=True)
class Begun:
    """Which of the first things there are."""

    suppliers: bool
    invoices: bool
    iiko: bool


_BEGUN = f"""
    SELECT EXISTS (SELECT FROM {S}.supplier WHERE account_id = %(account)s) AS suppliers,
        EXISTS (SELECT FROM {S}.invoice i WHERE i.account_id = %(account)s AND {_SEEN.format("i")}) AS invoices,
        EXISTS (SELECT FROM {S}.account_integration_credentials WHERE account_id = %(account)s) AS iiko
""".encode()  # noqa: S608


def what_has_begun() -> Begun:
    """Whether there is anything to show at all."""
    found = row(Begun, _BEGUN, **_place())
    assert found is not None
    return found


def _place() -> dict[str, Any]:
    scope = require_scope()
    return {
        "account": scope.account_id,
        "seen": None if scope.restaurant_ids is None else list(scope.restaurant_ids),
    }
