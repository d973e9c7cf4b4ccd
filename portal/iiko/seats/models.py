"""Log-ins at iiko, noted before they are tried, so that each of them ends with a log-out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity
from portal.db.moments import NOW
from portal.db.tables import table_args


class IikoSession(TenantEntity, label=_l("Licence seat"), plural=_l("Licence seats")):
    """A log-in: ``token`` is sealed, and ``None`` where nobody knows whether a seat was taken."""

    __tablename__ = "iiko_session"
    __table_args__ = (
        *table_args(
            "iiko_session",
            references={"connection_id": "iiko_connection", "run_id": "iiko_run"},
            archivable=False,
            on_delete={"connection_id": "CASCADE", "run_id": "SET NULL (run_id)"},
        ),
        Index("ix_iiko_session_open", "next_try_at", postgresql_where=text("closed_at IS NULL")),
        Index(
            "ix_iiko_session_resting",
            "server_key",
            "rests_until",
            postgresql_where=text("rests_until IS NOT NULL"),
        ),
    )

    connection_id: Mapped[UUID]
    run_id: Mapped[UUID | None]
    server_key: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(server_default=NOW)
    token: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    token_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    next_try_at: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
