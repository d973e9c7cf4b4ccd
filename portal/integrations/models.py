"""Credentials of an account at other systems, and whether the connection works."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity


class AccountIntegrationCredentials(TenantEntity):
    """One system (``integration_type``) that the account is connected to; credentials are sealed."""

    __tablename__ = "account_integration_credentials"
    __table_args__ = (
        UniqueConstraint("account_id", "integration_type", name="uix_account_integration_type"),
        UniqueConstraint("account_id", "id"),
    )

    integration_type: Mapped[str]
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB)
    base_url: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    last_connected_at: Mapped[datetime | None]
    connection_status: Mapped[str | None]
    connection_error: Mapped[str | None]
