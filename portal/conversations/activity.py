"""How many conversations were last active when: kept as they move, so that nobody counts them again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.cursor import execute
from portal.db.moments import TRANSACTION_NOW
from portal.db.tables import table_args
from portal.db.types import UtcDateTime
from portal.tenancy.scope import require_scope

# One statement: who reads meanwhile sees all that is counted, before or after.
_SUM_UP = f"""
    WITH several AS (
        SELECT quarter FROM {SCHEMA}.dialog_activity WHERE account_id = %(account_id)s GROUP BY quarter
        HAVING count(*) > 1 OR quarter < {TRANSACTION_NOW} - interval '70 days'
    ), gone AS (
        DELETE FROM {SCHEMA}.dialog_activity
        WHERE account_id = %(account_id)s AND quarter IN (SELECT quarter FROM several) RETURNING quarter, change
    )
    INSERT INTO {SCHEMA}.dialog_activity (account_id, quarter, change)
    SELECT %(account_id)s, quarter, sum(change) FROM gone
    WHERE quarter > {TRANSACTION_NOW} - interval '70 days' GROUP BY quarter HAVING sum(change) <> 0
""".encode()  # noqa: S608


class DialogActivity(TenantEntity, label=_l("Activity of conversations")):
    """By how many more (or fewer) conversations a quarter of an hour is the last one in which something was said.

    A trigger adds rows and changes none. All zones begin their days with a quarter. Ten weeks are kept.
    """

    __tablename__ = "dialog_activity"
    __table_args__ = (
        *table_args("dialog_activity", references={}, archivable=False),
        Index("ix_dialog_activity_quarter", "account_id", "quarter", postgresql_include=["change"]),
    )

    # A trigger writes the rows: who deletes a chain need not know of them.
    account_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"), sort_order=-9)
    quarter: Mapped[datetime]
    change: Mapped[int]

    @classmethod
    def count_by_span(cls, bounds: Sequence[datetime]) -> list[int]:
        """How many conversations of the account were last active in each span between two bounds (ascending)."""
        d = cls.__table__.c
        span = func.width_bucket(d.quarter, literal(list(bounds), ARRAY(UtcDateTime()))).label("span")
        query = (
            select(span, func.sum(d.change).label("conversations"))
            .where(d.account_id == require_scope().account_id, d.quarter >= bounds[0], d.quarter < bounds[-1])
            .group_by(span)
        )
        found = {row.span: row.conversations for row in db.session.connection().execute(query)}
        return [found.get(place, 0) for place in range(1, len(bounds))]

    @classmethod
    def sum_up(cls: type[Self]) -> None:
        """Make one row of the many of a quarter, and forget what is long ago; for the account in scope."""
        db.session.connection()
        execute(_SUM_UP, account_id=require_scope().account_id)
