"""What is to come today at a restaurant or at one store, for their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.purchase_orders.queries import expected_on

MAX_SHOWN = 8


@dataclass(frozen=True)
class ExpectedOrders:
    """The first of what is to come; ``count`` is how many there are, ``url`` the list of all."""

    rows: Sequence[Any]
    count: int
    url: str
    new_url: str

    @classmethod
    def of(cls, *, restaurant_id: UUID | None = None, store_id: UUID | None = None) -> "ExpectedOrders | None":
        """Those of a restaurant, of one store, or of all; ``None`` for those who do not see orders."""
        if not may(Permission.ORDERS_SEE):
            return None
        rows = expected_on(restaurant_id=restaurant_id, store_id=store_id)
        url = url_for(
            "account.purchase_orders.index", status="to_come", sort="to_come", restaurant_id=restaurant_id,
            store_id=store_id,
        )  # fmt: skip
        new_url = url_for("account.purchase_orders.new", store_id=store_id)
        return cls(rows[:MAX_SHOWN], len(rows), url, new_url)
