"""Legal entities: who owns a restaurant before the law."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import search_text
from portal.db.records import Archivable
from portal.db.tables import table_args
from portal.db.types import EnumText, OtherWord
from portal.db.words import counted
from portal.restaurants.models import SYNC_FIELDS, SyncStatus


class LegalEntity(
    Archivable,
    label=_l("Legal entity"),
    plural=_l("Legal entities"),
    add=_l("Add a legal entity"),
    count=counted("%(num)s legal entity", "%(num)s legal entities"),
    page="legal_entities.show",
    fields=SYNC_FIELDS,
):
    """``tax_id`` is the ИНН and ``registration_code`` the КПП: text, for leading zeros count."""

    __tablename__ = "legal_entity"
    __most__ = 5_000
    __table_args__ = (
        *table_args("legal_entity", references={}, listed_by=("name",)),
        Index("ix_legal_entity_iiko_id", "iiko_id"),
        Index("ix_legal_entity_tax_id", "account_id", "tax_id"),
        Index("ix_legal_entity_iiko_sync_status", "account_id", "iiko_sync_status", "name", "id"),
    )

    name: Mapped[str]
    code: Mapped[str | None]
    tax_id: Mapped[str | None]
    registration_code: Mapped[str | None]
    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[SyncStatus | OtherWord | None] = mapped_column(EnumText(SyncStatus))
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]
    search_text: Mapped[str | None] = search_text("legal_entity", "name, tax_id")
