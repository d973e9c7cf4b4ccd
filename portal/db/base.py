"""The declarative base of every mapped class and the naming of what they create."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Computed, FetchedValue, ForeignKey, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column, registry

from config import database_schema
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.types import UtcDateTime
from portal.db.words import Counted, Label, Words

SCHEMA = database_schema()
# The job queue's tables.
JOBS_SCHEMA = f"{SCHEMA}_jobs"

# PostgreSQL's own automatic names, so that an adopted database and a new one are alike.
NAMING_CONVENTION = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Base(DeclarativeBase):
    """Carries the metadata: schema and naming convention."""

    registry = registry(
        metadata=MetaData(schema=SCHEMA, naming_convention=NAMING_CONVENTION),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JSONB},
    )


# Where it connects, and how long it waits, stands in portal/db/connecting.py.
db = SQLAlchemy(model_class=Base, disable_autonaming=True)


if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


COMMON_FIELDS = {"created_at": _l("Added"), "updated_at": _l("Last changed")}


class Entity(Model):
    """A row with the seed's three common columns: id, created_at, updated_at.

    A mapped class says what people call it: ``class Store(Archivable, label=_l("Store"), plural=_l("Stores"),
    count=counted(…), page="stores.show", fields={…})``. The audit log, lists and toasts take their words from there.
    ``fields`` are labels of columns that no form has.
    """

    __abstract__ = True
    words: ClassVar[Words]
    # Every mapped class by the name of its table.
    by_table: ClassVar[dict[str, type["Entity"]]] = {}

    def __init_subclass__(
        cls,
        label: Label = None,
        plural: Label = None,
        add: Label = None,
        count: Counted | None = None,
        page: str | None = None,
        fields: Mapping[str, Label] | None = None,
        values: Mapping[str, Mapping[str, Label]] | None = None,
        **options: Any,
    ) -> None:
        inherited = cls.words.fields if hasattr(cls, "words") else COMMON_FIELDS
        cls.words = Words(label, plural, add, count, page, {**inherited, **(fields or {})}, values or {})
        super().__init_subclass__(**options)
        if "__tablename__" in vars(cls):
            Entity.by_table[cls.__tablename__] = cls

    # The sentinel tells many rows apart that one INSERT writes: the default of the database hides ours otherwise.
    id: Mapped[UUID] = mapped_column(
        primary_key=True,
        default=uuid4,
        server_default=text("uuid_generate_v4()"),
        insert_sentinel=True,
        sort_order=-10,
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)
    # A trigger moves it on every update, whoever writes.
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), server_onupdate=FetchedValue(), sort_order=91
    )

    @property
    def display_name(self) -> str:
        """What people call this row; a class whose rows have no name says it in its own way."""
        return str(getattr(self, "name", None) or self.words.label)


def search_text(table: str, columns: str) -> MappedColumn[Any]:
    """The folded text (``searched_text``) of a row's search entry: a stored column that the database itself fills."""
    return mapped_column(Text, Computed(f"{SCHEMA}.{table}_search_text({columns})", persisted=True), deferred=True)


def filled_search_text() -> MappedColumn[Any]:
    """The same where a trigger fills it: a table that had rows before could not be given a generated column in time."""
    return mapped_column(Text, FetchedValue(), server_onupdate=FetchedValue(), deferred=True)


class TenantRoot(Entity):
    """The row that tenants' rows belong to: a chain. Both walls guard it by its own id."""

    __abstract__ = True


class TenantEntity(Entity):
    """A row that belongs to one account; both walls guard every subclass.

    ``__restaurant_limit__`` says how a row leads to its restaurant where people who are assigned to some
    restaurants may see only the rows of those; without it they see all rows of the account. ``__most__`` is how many
    rows an account may have (``portal/tenancy/ceilings.py``); ``None``: as many as come. ``__joint__`` says that
    its rows may be written by one statement with others of the same flush (``portal/db/joint_writes.py``).
    """

    __abstract__ = True
    __restaurant_limit__: ClassVar[RestaurantLimit | None] = None
    __most__: ClassVar[int | None] = None
    __joint__: ClassVar[bool] = False

    @declared_attr
    def account_id(cls) -> Mapped[UUID]:  # noqa: N805
        return mapped_column(ForeignKey(f"{SCHEMA}.account.id"), sort_order=-9)
