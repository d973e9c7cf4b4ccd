"""How a restaurant or store stands with what it buys, for its page; the page has found the place already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from portal.db.base import SCHEMA as S
from portal.db.cursor import rows
from portal.db.types import utc_now
from portal.tenancy.scope import require_scope

PLACE_DAYS = 30


@dataclass(frozen=True, slots=True)
class PlaceSupply:
    """What was bought in the last days, and what waits for a decision, in one currency."""

    currency: str
    amount: Decimal
    papers: int
    exceptions: int
    stake: Decimal


def _of(column: str) -> bytes:
    """The statement for places named by a column of invoices."""
    return f"""
        WITH recent AS (
            SELECT currency, sum(total_amount) AS amount, count(*) AS papers FROM {S}.invoice
            WHERE account_id = %(account)s AND {column} = %(place)s AND status IN ('active', 'paid')
                AND invoice_date >= %(since)s
            GROUP BY currency
        ), waiting AS (
            SELECT i.currency, count(*) AS exceptions, sum(e.money_at_stake) AS stake
            FROM {S}.invoice_exception e JOIN {S}.invoice i ON i.account_id = e.account_id AND i.id = e.invoice_id
            WHERE e.account_id = %(account)s AND e.state = 'open' AND i.{column} = %(place)s
            GROUP BY i.currency
        )
        SELECT currency, coalesce(amount, 0) AS amount, coalesce(papers, 0) AS papers,
            coalesce(exceptions, 0) AS exceptions, coalesce(stake, 0) AS stake
        FROM recent FULL JOIN waiting USING (currency) ORDER BY papers DESC, currency
    """.encode()  # noqa: S608


_OF_RESTAURANT, _OF_STORE = _of("restaurant_id"), _of("store_id")


def supply_of_restaurant(restaurant_id: UUID) -> Sequence[PlaceSupply]:
    """How a restaurant stands, a line for each currency."""
    return _read(_OF_RESTAURANT, restaurant_id)


def supply_of_store(store_id: UUID) -> Sequence[PlaceSupply]:
    """How a store stands."""
    return _read(_OF_STORE, store_id)


def _read(statement: bytes, place: UUID) -> Sequence[PlaceSupply]:
    since = utc_now().date() - timedelta(days=PLACE_DAYS)
    return rows(PlaceSupply, statement, account=require_scope().account_id, place=place, since=since)
