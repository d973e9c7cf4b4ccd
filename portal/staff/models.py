"""People who work here, their positions, and where each value that is known of them came from."""

from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Computed,
    Date,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db, search_text
from portal.db.records import Archivable, Record
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.restaurants.models import Restaurant


class StaffStatus(LabelledEnum):
    """Whether somebody works here."""

    CANDIDATE = "candidate", _l("Candidate")
    ACTIVE = "active", _l("Works here")
    LEFT = "left", _l("Left")


class Source(LabelledEnum):
    """Where a value of a person came from."""

    CHAT = "chat", _l("From the chat")
    HAND = "hand", _l("By hand")
    IMPORT = "import", _l("From a file")
    IIKO = "iiko", _l("From iiko")


class StaffPosition(
    Archivable,
    label=_l("Position"),
    plural=_l("Positions"),
    add=_l("Add a position"),
    count=counted("%(num)s position", "%(num)s positions"),
    page="positions.show",
):
    """What somebody does here; ``code`` is what scenarios call it."""

    __tablename__ = "staff_position"
    __most__ = 500
    __table_args__ = (
        *table_args("staff_position", references={}, listed_by=("name",)),
        Index("uix_staff_position_code", "account_id", func.lower(text("code")), unique=True),
    )

    code: Mapped[str]
    name: Mapped[str]
    is_kitchen: Mapped[bool] = mapped_column(default=False, server_default=false())
    search_text: Mapped[str | None] = search_text("staff_position", "name, code")


class RestaurantCode(
    Record,
    label=_l("Code of a restaurant"),
    plural=_l("Codes of restaurants"),
    add=_l("Add a code"),
    count=counted("%(num)s code", "%(num)s codes"),
    fields={"code": _l("Code"), "restaurant_id": _l("Restaurant")},
):
    """What a scenario calls a restaurant."""

    __tablename__ = "restaurant_code"
    __most__ = 5_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "restaurant_code", references={"restaurant_id": "restaurant"}, listed_by=("code",), archivable=False
        ),
        Index("uix_restaurant_code_code", "account_id", func.lower(text("code")), unique=True),
    )

    restaurant_id: Mapped[UUID]
    code: Mapped[str]
    search_text: Mapped[str | None] = search_text("restaurant_code", "code")

    restaurant: Mapped[Restaurant] = relationship(viewonly=True, lazy="joined", innerjoin=True)

    @property
    def display_name(self) -> str:
        """The code itself."""
        return self.code

    def remove(self) -> None:
        """Forget that a scenario calls the restaurant so."""
        record(Action.REMOVED, self)
        db.session.delete(self)


class StaffMember(
    Record,
    label=_l("Employee"),
    plural=_l("Staff"),
    add=_l("Add an employee"),
    count=counted("%(num)s employee", "%(num)s employees"),
    page="staff.show",
    fields={
        "due_order": _l("Next due"),
        "erased_at": _l("Erased"),
        "left_on": _l("Left on"),
        "next_due_on": _l("Next due"),
        "onboarding_status": _l("Checklist"),
        "open_questions": _l("Questions"),
        "paper": _l("Paper"),
        "papers_until": _l("Papers valid until"),
        "phone_reversed": _l("Phone"),
        "progress": _l("Progress"),
        "progress_order": _l("Progress"),
        "start_order": _l("Starts on"),
        "starts_on": _l("Starts on"),
        "status": _l("Status"),
    },
):
    """Somebody who works here, is about to, or did.

    Triggers keep what lists tell of the person: the state of the latest engagement (``onboarding_status``,
    ``starts_on``, ``progress`` in percent, rounded down, ``next_due_on`` of what is open), the last day on which all
    accepted papers are valid (``papers_until``), how many questions wait. The ``*_order`` columns are the same for
    ordering, which nothing null can be. An erased person keeps the row, without a name.
    """

    __tablename__ = "staff_member"
    __most__ = 100_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "staff_member",
            references={"restaurant_id": "restaurant", "position_id": "staff_position"},
            listed_by=("name", "start_order", "due_order", "progress_order"),
            archivable=False,
        ),
        CheckConstraint("name <> '' OR erased_at IS NOT NULL", name="name"),
        CheckConstraint(r"phone ~ '^\+[0-9]{6,15}$'", name="phone"),
        CheckConstraint(f"status IN {tuple(StaffStatus.words())}", name="status"),
        CheckConstraint("(status = 'left') = (left_on IS NOT NULL)", name="left_on"),
        Index("uix_staff_member_phone", "account_id", "phone", unique=True, postgresql_where=text("erased_at IS NULL")),
        Index(
            "ix_staff_member_phone_reversed",
            "account_id",
            "phone_reversed",
            "id",
            postgresql_ops={"phone_reversed": "text_pattern_ops"},
        ),
        Index(
            "ix_staff_member_email",
            "account_id",
            func.lower(text("email")),
            postgresql_where=text("email IS NOT NULL"),
        ),
        Index("ix_staff_member_status", "account_id", "status", "name", "id"),
        Index(
            "ix_staff_member_in_progress",
            "account_id",
            "name",
            "id",
            postgresql_where=text("onboarding_status = 'in_progress'"),
        ),
        Index(
            "ix_staff_member_papers_until",
            "account_id",
            "papers_until",
            "id",
            postgresql_where=text("papers_until IS NOT NULL"),
        ),
        Index(
            "ix_staff_member_open_questions", "account_id", "name", "id", postgresql_where=text("open_questions > 0")
        ),
    )

    restaurant_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str | None]
    email: Mapped[str | None]
    birthday: Mapped[date | None]
    citizenship: Mapped[str | None]
    uniform_size: Mapped[str | None]
    emergency_contact: Mapped[str | None] = mapped_column(Text)
    position_id: Mapped[UUID | None]
    status: Mapped[StaffStatus] = mapped_column(
        EnumText(StaffStatus), default=StaffStatus.CANDIDATE, server_default=StaffStatus.CANDIDATE
    )
    left_on: Mapped[date | None]
    erased_at: Mapped[datetime | None]
    onboarding_status: Mapped[str | None]
    starts_on: Mapped[date | None]
    progress: Mapped[int | None] = mapped_column(SmallInteger)
    next_due_on: Mapped[date | None]
    papers_until: Mapped[date | None]
    open_questions: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    start_order: Mapped[date] = mapped_column(
        Date, Computed("coalesce(starts_on, DATE '9999-12-31')", persisted=True), deferred=True
    )
    due_order: Mapped[date] = mapped_column(
        Date, Computed("coalesce(next_due_on, DATE '9999-12-31')", persisted=True), deferred=True
    )
    progress_order: Mapped[int] = mapped_column(
        SmallInteger, Computed("coalesce(progress, 101::smallint)", persisted=True), deferred=True
    )
    phone_reversed: Mapped[str | None] = mapped_column(Text, Computed("reverse(phone)", persisted=True), deferred=True)
    search_text: Mapped[str | None] = search_text("staff_member", "name")

    restaurant: Mapped[Restaurant | None] = relationship(viewonly=True)
    position: Mapped[StaffPosition | None] = relationship(viewonly=True)

    @property
    def display_name(self) -> str:
        """The name; of an erased person that they were erased."""
        return self.name or str(_l("Erased person"))


class StaffChat(TenantEntity, label=_l("Chat of an employee")):
    """A conversation in which a person of the staff writes to a bot."""

    __tablename__ = "staff_chat"
    __restaurant_limit__ = RestaurantLimit("staff_member_id", parent=StaffMember)
    __table_args__ = (
        *table_args(
            "staff_chat",
            references={"staff_member_id": "staff_member", "dialog_id": "bot_dialog_state", "bot_id": "bot_instance"},
            archivable=False,
            on_delete={"staff_member_id": "CASCADE", "dialog_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "bot_id", "platform", "platform_chat_id"),
    )

    staff_member_id: Mapped[UUID]
    dialog_id: Mapped[UUID]
    bot_id: Mapped[UUID]
    platform: Mapped[str]
    platform_chat_id: Mapped[str]


class StaffField(TenantEntity, label=_l("Value of an employee"), fields={"source": _l("Source")}):
    """One value that was told of a person, and by whom.

    Of each ``field`` one value is current; ``held`` is one that the chat offered while a hand's stood, until somebody
    takes or drops it. The others are history.
    """

    __tablename__ = "staff_field"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "staff_field",
            references={
                "staff_member_id": "staff_member",
                "restaurant_id": "restaurant",
                "message_id": "bot_message",
                "user_id": "user",
            },
            archivable=False,
            on_delete={"staff_member_id": "CASCADE", "message_id": "SET NULL (message_id)"},
        ),
        CheckConstraint(f"source IN {tuple(Source.words())}", name="source"),
        CheckConstraint("NOT (held AND is_current)", name="held"),
        Index("uix_staff_field_current", "staff_member_id", "field", unique=True, postgresql_where=text("is_current")),
    )

    staff_member_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    field: Mapped[str]
    value: Mapped[str | None] = mapped_column(Text)
    source: Mapped[Source] = mapped_column(EnumText(Source))
    message_id: Mapped[UUID | None]
    # Of a value that came in several parts, the messages of the others.
    more_message_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    user_id: Mapped[UUID | None]
    is_current: Mapped[bool] = mapped_column(default=False, server_default=false())
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
