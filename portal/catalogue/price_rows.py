"""The rows of prices, hundreds in one statement, over all restaurants whoever enters them: a cost is the chain's."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from portal.catalogue.models import InventoryItem
from portal.db.base import SCHEMA as S
from portal.db.base import db
from portal.db.cursor import execute, rows, scalars
from portal.db.moments import TRANSACTION_NOW
from portal.tenancy.scope import require_scope

TABLE = f"{S}.inventory_item_price_history"

# Whoever comes second waits here, and then sees the prices of the first.
_HOLD = f"""
    SELECT id FROM {S}.inventory_item WHERE account_id = %(account_id)s AND id = ANY(%(items)s)
    ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608
_STANDING = f"""
    SELECT h.invoice_item_id AS line_id, h.inventory_item_id AS item_id, h.supplier_id, h.price_date AS day
    FROM {TABLE} h JOIN {S}.invoice_item l ON l.account_id = h.account_id AND l.id = h.invoice_item_id
    WHERE h.account_id = %(account_id)s AND l.invoice_id = ANY(%(invoices)s) AND h.voided_at IS NULL
"""  # noqa: S608
_OF_SUPPLIERS = f"""
    SELECT DISTINCT inventory_item_id AS item_id, supplier_id FROM {TABLE}
    WHERE account_id = %(account_id)s AND supplier_id = ANY(%(suppliers)s)
"""  # noqa: S608
_TAKE_BACK = f"""
    UPDATE {TABLE} SET voided_at = {TRANSACTION_NOW}
    WHERE account_id = %(account_id)s AND invoice_item_id = ANY(%(lines)s) AND voided_at IS NULL
"""  # noqa: S608
_COLUMNS = {
    "inventory_item_id": "uuid",
    "restaurant_id": "uuid",
    "store_id": "uuid",
    "supplier_id": "uuid",
    "invoice_item_id": "uuid",
    "price_date": "date",
    "source": "varchar",
    "quantity": "numeric",
    "unit_id": "uuid",
    "amount": "numeric",
    "currency": "char(3)",
    "base_quantity": "numeric",
    "user_id": "uuid",
}
# A line that comes back keeps its row, and with it its place among the prices of its day.
_WRITE = f"""
    INSERT INTO {TABLE} (account_id, {", ".join(_COLUMNS)})
    SELECT %(account_id)s, {", ".join(f"r.{name}" for name in _COLUMNS)}
    FROM jsonb_to_recordset(%(rows)s) AS r(place int, {", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
    ORDER BY r.place
    ON CONFLICT (account_id, invoice_item_id) DO UPDATE
    SET voided_at = NULL, {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name != "invoice_item_id")}
"""  # noqa: S608
# From the last price before a day on, of each item at each supplier.
_PAIRS = f"""
    pairs AS (
        SELECT p.item_id, p.supplier_id, p.currency, coalesce((
            SELECT max(h.price_date) FROM {TABLE} h
            WHERE h.account_id = %(account_id)s AND h.inventory_item_id = p.item_id AND h.voided_at IS NULL
                AND h.supplier_id IS NOT DISTINCT FROM p.supplier_id AND h.currency = p.currency
                AND h.price_date < %(since)s
        ), %(since)s) AS start
        FROM (SELECT DISTINCT h.inventory_item_id AS item_id, h.supplier_id, h.currency FROM {TABLE} h
            JOIN unnest(%(items)s::uuid[], %(suppliers)s::uuid[]) AS asked(item_id, supplier_id)
            ON asked.item_id = h.inventory_item_id AND asked.supplier_id IS NOT DISTINCT FROM h.supplier_id
            WHERE h.account_id = %(account_id)s AND h.voided_at IS NULL) p
    ),
    standing AS (
        SELECT h.* FROM pairs p JOIN {TABLE} h ON h.account_id = %(account_id)s AND h.inventory_item_id = p.item_id
            AND h.supplier_id IS NOT DISTINCT FROM p.supplier_id AND h.currency = p.currency
            AND h.voided_at IS NULL AND h.price_date >= p.start
    )
"""  # noqa: S608
_POINTS = f"""
    WITH {_PAIRS}
    SELECT id AS price_id, inventory_item_id AS item_id, supplier_id, invoice_item_id AS line_id, currency,
        price_date AS day, amount, quantity, unit_id, base_quantity, entry_no AS entered
    FROM standing WHERE price_date <= %(until)s ORDER BY price_date, entry_no
"""  # noqa: S608
MOST_CHANGE = Decimal("99999.9999")
_CHANGES = f"""
    WITH {_PAIRS}, changes AS (
        SELECT id, price_date, least(%(most)s, coalesce(round(100 * (
            amount / base_quantity / lag(amount / base_quantity) OVER (
                PARTITION BY inventory_item_id, supplier_id, currency ORDER BY price_date, entry_no
            ) - 1), 4), 0)) AS change
        FROM standing
    )
    UPDATE {TABLE} h SET change = c.change FROM changes c
    WHERE h.id = c.id AND c.price_date >= %(since)s AND h.change <> c.change
"""  # noqa: S608
# What the latest price says, and since when the prices have been that; of those in the chain's own currency.
_COSTS = f"""
    WITH latest AS (
        SELECT asked.id, l.price, first.day FROM unnest(%(items)s::uuid[]) AS asked(id)
        LEFT JOIN LATERAL (
            SELECT h.price, h.price_date, h.entry_no FROM {TABLE} h
            WHERE h.account_id = %(account_id)s AND h.inventory_item_id = asked.id AND h.voided_at IS NULL
                AND h.currency = (SELECT currency FROM {S}.account WHERE id = %(account_id)s)
            ORDER BY h.price_date DESC, h.entry_no DESC LIMIT 1
        ) l ON true
        LEFT JOIN LATERAL (
            SELECT h.price_date, h.entry_no FROM {TABLE} h
            WHERE h.account_id = %(account_id)s AND h.inventory_item_id = asked.id AND h.voided_at IS NULL
                AND h.currency = (SELECT currency FROM {S}.account WHERE id = %(account_id)s) AND h.price <> l.price
            ORDER BY h.price_date DESC, h.entry_no DESC LIMIT 1
        ) other ON true
        LEFT JOIN LATERAL (
            SELECT min(h.price_date) AS day FROM {TABLE} h
            WHERE h.account_id = %(account_id)s AND h.inventory_item_id = asked.id AND h.voided_at IS NULL
                AND h.currency = (SELECT currency FROM {S}.account WHERE id = %(account_id)s)
                AND (other.entry_no IS NULL OR (h.price_date, h.entry_no) > (other.price_date, other.entry_no))
        ) first ON true
    )
    UPDATE {S}.inventory_item i SET current_cost_per_unit = latest.price, cost_changed_on = latest.day
    FROM latest WHERE i.account_id = %(account_id)s AND i.id = latest.id
        AND (i.current_cost_per_unit, i.cost_changed_on) IS DISTINCT FROM (latest.price, latest.day)
"""  # noqa: S608

# An item at a supplier; prices that somebody typed have none.
Pair = tuple[UUID, UUID | None]


@dataclass(frozen=True)
class PairRow:
    """An item that has prices of a supplier."""

    item_id: UUID
    supplier_id: UUID


@dataclass(frozen=True)
class Standing:
    """A price that stands, of a line of an invoice."""

    line_id: UUID
    item_id: UUID
    supplier_id: UUID | None
    day: date


@dataclass(frozen=True)
class PointRow:
    """A price with all that it is compared by."""

    price_id: UUID
    item_id: UUID
    supplier_id: UUID | None
    line_id: UUID | None
    currency: str
    day: date
    amount: Decimal
    quantity: Decimal
    unit_id: UUID | None
    base_quantity: Decimal
    entered: int


def standing_prices(invoice_ids: Collection[UUID]) -> list[Standing]:
    """The prices that stand of those invoices."""
    return rows(Standing, _STANDING.encode(), invoices=list(invoice_ids), **_account())


def hold_items(item_ids: Collection[UUID]) -> None:
    """Let nobody else change the prices of these items until the commit."""
    scalars(_HOLD.encode(), items=list(item_ids), **_account())


def take_back(line_ids: Collection[UUID]) -> None:
    """Void the prices of those lines; the rows stay."""
    execute(_TAKE_BACK.encode(), lines=list(line_ids), **_account())


def write(prices: Sequence[dict[str, Any]]) -> None:
    """Write the prices of lines, in their order; what was voided of them stands again."""
    told = [{"place": place, **{name: _plain(each[name]) for name in _COLUMNS}} for place, each in enumerate(prices)]
    execute(_WRITE.encode(), rows=Jsonb(told), **_account())


def points(pairs: Iterable[Pair], since: date, until: date) -> list[PointRow]:
    """The prices of the pairs between two days, and the last day's before them; in their order."""
    return rows(PointRow, _POINTS.encode(), since=since, until=until, **_sides(pairs), **_account())


def pairs_of(supplier_ids: Collection[UUID]) -> set[Pair]:
    """The items that have prices of those suppliers, each with the supplier."""
    found = rows(PairRow, _OF_SUPPLIERS.encode(), suppliers=list(supplier_ids), **_account())
    return {(each.item_id, each.supplier_id) for each in found}


def settle(pairs: Collection[Pair], since: date) -> None:
    """Work out anew what prices say of each other from a day on, and what the items cost now."""
    execute(_CHANGES.encode(), since=since, most=MOST_CHANGE, **_sides(pairs), **_account())
    items = {item_id for item_id, _supplier in pairs}
    execute(_COSTS.encode(), items=list(items), **_account())
    for item_id in items:
        known = db.session.identity_map.get(InventoryItem.__mapper__.identity_key_from_primary_key((item_id,)))
        if known is not None:
            db.session.expire(known, ["current_cost_per_unit", "cost_changed_on"])


def _account() -> dict[str, UUID]:
    return {"account_id": require_scope().account_id}


def _sides(pairs: Iterable[Pair]) -> dict[str, list[Any]]:
    told = list(pairs)
    return {"items": [item_id for item_id, _ in told], "suppliers": [supplier_id for _, supplier_id in told]}


def _plain(value: Any) -> str | None:
    return None if value is None else str(value)
