"""The plan of a run, what its server answered, and what is linked, refused, pinned and mapped."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, String, Text, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.states import log_verb
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum

NO_DETAILS = text("'{}'")
RUN, WITH_RUN = {"run_id": "iiko_run"}, {"run_id": "CASCADE"}


class Word(LabelledEnum):
    """What a run means to do with a row; ``unchanged`` ones are counted alone."""

    CREATE = "create", _l("New")
    UPDATE = "update", _l("Changed")
    SKIP = "skip", _l("Left out")
    CONFLICT = "conflict", _l("Needs a person")
    MISSING = "missing", _l("No longer in iiko")
    ERROR = "error", _l("Not readable")


class ActionState(LabelledEnum):
    """What became of a planned action."""

    PLANNED = "planned", _l("Planned")
    APPLIED = "applied", _l("Applied")
    LEFT_OUT = "left_out", _l("Not applied")


class IikoAnswer(TenantEntity, label=_l("Answer of iiko")):
    """A piece of what the server answered, packed and sealed, never shown."""

    __tablename__ = "iiko_answer"
    __table_args__ = (
        *table_args(
            "iiko_answer", references={"run_id": "iiko_run"}, archivable=False, on_delete={"run_id": "CASCADE"}
        ),
        UniqueConstraint("run_id", "kind", "position"),
    )

    run_id: Mapped[UUID]
    kind: Mapped[str]
    position: Mapped[int]
    body: Mapped[dict[str, Any]]


class IikoAction(TenantEntity, label=_l("Change from iiko"), plural=_l("Changes from iiko")):
    """What a run plans for one row: ``changes`` are ``{field: [ours, iiko's]}``, ``row_hash`` is our row's then."""

    __tablename__ = "iiko_action"
    __table_args__ = (
        *table_args(
            "iiko_action", references={"run_id": "iiko_run"}, archivable=False, on_delete={"run_id": "CASCADE"}
        ),
        CheckConstraint(f"word IN {tuple(Word.words())}", name="word"),
        CheckConstraint(f"state IN {tuple(ActionState.words())}", name="state"),
        Index("ix_iiko_action_rank", "account_id", "run_id", "rank", "name", "id"),
        Index("ix_iiko_action_word", "account_id", "run_id", "word", "rank", "name", "id"),
        Index("ix_iiko_action_kind", "account_id", "run_id", "kind", "rank", "name", "id"),
        Index(
            "ix_iiko_action_entity_id",
            "account_id",
            "entity_id",
            "created_at",
            postgresql_where=text("entity_id IS NOT NULL"),
        ),
    )

    run_id: Mapped[UUID]
    kind: Mapped[str]
    iiko_id: Mapped[str | None]
    entity_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(default="", server_default="")
    searched: Mapped[str] = mapped_column(
        Text, Computed(f"{SCHEMA}.searched_text(name)", persisted=True), deferred=True
    )
    word: Mapped[Word] = mapped_column(EnumText(Word))
    rank: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NO_DETAILS)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NO_DETAILS)
    iiko_values: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NO_DETAILS)
    row_hash: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[ActionState] = mapped_column(
        EnumText(ActionState), default=ActionState.PLANNED, server_default=ActionState.PLANNED
    )
    note: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class IikoLink(TenantEntity, label=_l("Link with iiko"), plural=_l("Links with iiko")):
    """One row of ours and one of iiko's that are the same; ``iiko_values`` are what iiko said last.

    ``day`` is the one by which a document is asked for.
    """

    __tablename__ = "iiko_link"
    __table_args__ = (
        *table_args(
            "iiko_link",
            references={"connection_id": "iiko_connection", "user_id": "user"},
            archivable=False,
            on_delete={"connection_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "kind", "iiko_id"),
        UniqueConstraint("account_id", "kind", "entity_id"),
        Index("ix_iiko_link_kind", "account_id", "connection_id", "kind", "id"),
        Index(
            "ix_iiko_link_missing",
            "account_id",
            "connection_id",
            "kind",
            postgresql_where=text("missing_since IS NOT NULL"),
        ),
        Index(
            "ix_iiko_link_day",
            "account_id",
            "connection_id",
            "kind",
            "day",
            postgresql_where=text("day IS NOT NULL"),
        ),
    )

    connection_id: Mapped[UUID]
    kind: Mapped[str]
    iiko_id: Mapped[str]
    entity_id: Mapped[UUID]
    day: Mapped[date | None]
    iiko_values: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NO_DETAILS)
    hash: Mapped[str | None] = mapped_column(String(64))
    read_at: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]
    user_id: Mapped[UUID | None]


class IikoRefusal(TenantEntity, label=_l("Refused link"), plural=_l("Refused links")):
    """A link that somebody refused: it is not proposed again."""

    __tablename__ = "iiko_refusal"
    __table_args__ = (
        *table_args(
            "iiko_refusal",
            references={"connection_id": "iiko_connection", "user_id": "user"},
            archivable=False,
            on_delete={"connection_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "kind", "iiko_id", "entity_id"),
    )

    connection_id: Mapped[UUID]
    kind: Mapped[str]
    iiko_id: Mapped[str]
    entity_id: Mapped[UUID]
    user_id: Mapped[UUID | None]


class IikoPin(TenantEntity, label=_l("Pinned field"), plural=_l("Pinned fields"), fields={"field": _l("Field")}):
    """A field of ours that iiko does not write while it is pinned."""

    __tablename__ = "iiko_pin"
    __table_args__ = (
        *table_args("iiko_pin", references={"user_id": "user"}, archivable=False),
        UniqueConstraint("account_id", "kind", "entity_id", "field"),
    )

    kind: Mapped[str]
    entity_id: Mapped[UUID]
    field: Mapped[str]
    user_id: Mapped[UUID | None]


class IikoNode(
    TenantEntity,
    label=_l("Part of iiko's tree"),
    plural=_l("Parts of iiko's tree"),
    fields={"name": _l("Name"), "restaurant_id": _l("Restaurant")},
):
    """A node of iiko's tree without a department above it, and the restaurant that its stores belong to."""

    __tablename__ = "iiko_node"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "iiko_node",
            references={"connection_id": "iiko_connection", "restaurant_id": "restaurant", "user_id": "user"},
            archivable=False,
            on_delete={"connection_id": "CASCADE", "restaurant_id": "CASCADE"},
        ),
        UniqueConstraint("connection_id", "node_id"),
    )

    connection_id: Mapped[UUID]
    node_id: Mapped[str]
    name: Mapped[str] = mapped_column(default="", server_default="")
    restaurant_id: Mapped[UUID]
    user_id: Mapped[UUID | None]

    @property
    def display_name(self) -> str:
        """What iiko calls it."""
        return self.name or self.node_id

    @classmethod
    def place(cls, connection_id: UUID, node_id: str, name: str, restaurant_id: UUID, by: UUID | None) -> "IikoNode":
        """Say which restaurant the stores below a node belong to, or that it is another one."""
        same = (cls.connection_id == connection_id, cls.node_id == node_id)
        node = db.session.scalars(select(cls).where(*same).with_for_update()).first()
        if node is None:
            node = cls(connection_id=connection_id, node_id=node_id, name=name, restaurant_id=restaurant_id, user_id=by)
            log_verb("created", node)
            return node
        node.name, node.restaurant_id, node.user_id = name, restaurant_id, by
        log_verb("edited", node)
        return node

    def remove(self) -> None:
        """Take it back."""
        log_verb("removed", self)
        db.session.delete(self)
