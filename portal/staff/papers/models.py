"""Kinds of papers, the papers of people, and which reminders went out."""

from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, CheckConstraint, Index, SmallInteger, String, Text, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import TenantEntity, search_text
from portal.db.moments import NOW
from portal.db.records import Archivable
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.staff.models import StaffMember


class PaperState(LabelledEnum):
    """How far a paper has come."""

    SENT = "sent", _l("To be checked")
    ACCEPTED = "accepted", _l("Accepted")
    REFUSED = "refused", _l("Refused")
    REPLACED = "replaced", _l("Replaced")


class DocumentType(
    Archivable,
    label=_l("Kind of paper"),
    plural=_l("Kinds of papers"),
    add=_l("Add a kind of paper"),
    count=counted("%(num)s kind", "%(num)s kinds"),
    page="paper_kinds.show",
):
    """A kind of paper: how long it is valid, and how many days before its end people are reminded.

    ``months_valid`` gives its end from the day of issue; where that is ``None`` people type the end, which is no later
    than ``months_at_most`` after the issue.
    """

    __tablename__ = "document_type"
    __most__ = 200
    __table_args__ = (
        *table_args("document_type", references={}, listed_by=("name",)),
        CheckConstraint("months_valid BETWEEN 1 AND 120", name="months_valid"),
        CheckConstraint("months_at_most BETWEEN 1 AND 120", name="months_at_most"),
        Index("uix_document_type_code", "account_id", func.lower(text("code")), unique=True),
    )

    code: Mapped[str]
    name: Mapped[str]
    months_valid: Mapped[int | None] = mapped_column(SmallInteger)
    months_at_most: Mapped[int | None] = mapped_column(SmallInteger)
    remind_days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), default=list, server_default=text("'{}'"))
    for_kitchen: Mapped[bool] = mapped_column(default=False, server_default=false())
    for_citizenship: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    is_health: Mapped[bool] = mapped_column(default=False, server_default=false())
    search_text: Mapped[str | None] = search_text("document_type", "name, code")


class StaffDocument(
    TenantEntity, label=_l("Paper"), plural=_l("Papers"), page="papers.show", fields={"state": _l("State")}
):
    """A paper of a person. The full number is never stored; ``expires_on`` is the last day on which it is valid."""

    __tablename__ = "staff_document"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "staff_document",
            references={
                "staff_member_id": "staff_member",
                "restaurant_id": "restaurant",
                "document_type_id": "document_type",
                "message_id": "bot_message",
                "file_id": "bot_file",
                "checked_by_id": "user",
            },
            archivable=False,
            on_delete={
                "staff_member_id": "CASCADE",
                "message_id": "SET NULL (message_id)",
                "file_id": "SET NULL (file_id)",
            },
        ),
        CheckConstraint(f"state IN {tuple(PaperState.words())}", name="state"),
        CheckConstraint("expires_on >= issued_on", name="expires_on"),
        Index(
            "uix_staff_document_accepted",
            "staff_member_id",
            "document_type_id",
            unique=True,
            postgresql_where=text("state = 'accepted'"),
        ),
        Index(
            "ix_staff_document_expires_on",
            "account_id",
            "expires_on",
            "id",
            postgresql_where=text("state = 'accepted' AND expires_on IS NOT NULL"),
        ),
    )

    staff_member_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    document_type_id: Mapped[UUID]
    number_tail: Mapped[str | None] = mapped_column(String(4))
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    state: Mapped[PaperState] = mapped_column(
        EnumText(PaperState), default=PaperState.SENT, server_default=PaperState.SENT
    )
    message_id: Mapped[UUID | None]
    file_id: Mapped[UUID | None]
    checked_by_id: Mapped[UUID | None]
    checked_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)

    kind: Mapped[DocumentType] = relationship(viewonly=True)
    member: Mapped[StaffMember] = relationship(viewonly=True)


class DocumentReminder(TenantEntity, label=_l("Reminder of a paper")):
    """That people were told so many days before a paper's end; below zero after it."""

    __tablename__ = "document_reminder"
    __restaurant_limit__ = RestaurantLimit("staff_document_id", parent=StaffDocument)
    __table_args__ = (
        *table_args(
            "document_reminder",
            references={"staff_document_id": "staff_document"},
            archivable=False,
            on_delete={"staff_document_id": "CASCADE"},
        ),
        UniqueConstraint("staff_document_id", "days_before"),
    )

    staff_document_id: Mapped[UUID]
    days_before: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(server_default=text(NOW))
