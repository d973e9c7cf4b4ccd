"""The verbs that many rows share, each with its own line in the log."""

from typing import Any

from sqlalchemy import true
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import Action
from portal.audit.recording import record, record_creation, record_edit
from portal.db.base import TenantEntity


class Archivable(TenantEntity):
    """A row that leaves the lists (``is_active`` false), and never the database."""

    __abstract__ = True

    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    def archive(self) -> bool:
        """Take it out of the lists; whether that changed anything."""
        if not self.is_active:
            return False
        self.is_active = False
        record(Action.ARCHIVED, self)
        return True

    def restore(self) -> bool:
        """Bring it back into the lists; whether that changed anything."""
        if self.is_active:
            return False
        self.is_active = True
        record(Action.RESTORED, self)
        return True


# A subclass, not a second base: the ORM's wall finds each class by one way and adds the account once.
class MasterRecord(Archivable):
    """A row that people keep by hand: they add it, change it in a form and archive it."""

    __abstract__ = True

    def open(self) -> None:
        """Add it to the chain."""
        record_creation(self)

    def edit(self, **values: Any) -> None:
        """Change what people say of it."""
        for name, value in values.items():
            setattr(self, name, value)
        record_edit(self)
