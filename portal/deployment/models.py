"""The one row that says whose database this is."""

from datetime import datetime

from sqlalchemy import CheckConstraint, true
from sqlalchemy import false as no
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Model


class Deployment(Model):
    """The installation that the database serves.

    ``name`` is null until a portal first started on it. A portal of another name finds a copy, and lets nothing leave.
    ``least_revision`` is the migration that a version has to know that may still serve where the database is ahead.
    """

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("id", "one_row"),)

    id: Mapped[bool] = mapped_column(primary_key=True, default=True, server_default=true())
    name: Mapped[str | None]
    least_revision: Mapped[str]
    is_resting: Mapped[bool] = mapped_column(default=False, server_default=no())
    changed_at: Mapped[datetime | None]
