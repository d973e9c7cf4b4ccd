"""Rows that people keep by hand: the verbs that they share, and what a class says of its columns."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.db.base import Entity, TenantEntity
from portal.db.states import Flagged, log_verb
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import Label


class Record(TenantEntity):
    """A row that people add and change in a form; each verb leaves its line in the audit log."""

    __abstract__ = True
    __most__ = 50_000

    def open(self) -> None:
        """Add it to the chain."""
        log_verb("created", self)

    def edit(self, **values: Any) -> None:
        """Change what people say of it."""
        for name, value in values.items():
            setattr(self, name, value)
        log_verb("edited", self)


class Archival(LabelledEnum):
    """Whether a record stands in the lists."""

    ACTIVE = "active", _l("Active")
    ARCHIVED = "archived", _l("Archived")


# A subclass, not a second base: the ORM's wall finds each class by one way and adds the account once.
class Archivable(Flagged, Record, fields={"is_active": _l("Active")}):
    """A row that leaves the lists (``is_active`` false), and never the database."""

    __abstract__ = True
    __flag__ = (Archival.ARCHIVED, Archival.ACTIVE)
    __moves__ = {
        Archival.ACTIVE: {Archival.ARCHIVED: "archived"},
        Archival.ARCHIVED: {Archival.ACTIVE: "restored"},
    }

    @property
    def reason_to_stay(self) -> Label:
        """Why it may not be archived now, as people are told; ``None`` where it may."""
        return None

    def archive(self) -> bool:
        """Take it out of the lists; whether that changed anything."""
        return self.transition(Archival.ARCHIVED)

    def restore(self) -> bool:
        """Bring it back into the lists; whether that changed anything."""
        return self.transition(Archival.ACTIVE)


def mapped_entities() -> Iterator[type[Entity]]:
    """Every mapped class of rows with an id, by the name of its table."""
    return iter(entity for _table, entity in sorted(Entity.by_table.items()))


def entity_of_table(name: str) -> type[Entity] | None:
    """The class behind a table's name, as the log keeps it; ``None`` for a table that is gone."""
    return Entity.by_table.get(name)


def column_of(entity: type[Entity], key: str) -> Any:
    """The table's column behind an attribute; ``None`` for any other attribute."""
    return entity.__table__.c.get(key)


def type_of(entity: type[Entity], key: str) -> Any:
    """The type of an attribute's column; ``None`` where there is no such column."""
    column = column_of(entity, key)
    return None if column is None else column.type


def reference_of(entity: type[Entity], key: str) -> type[Entity] | None:
    """The class that a column refers to by id; ``None`` for any other attribute."""
    column = column_of(entity, key)
    if column is None or key == "account_id":
        return None
    # By name: the key may lead to a room that is loaded later.
    targets = [each.target_fullname.split(".")[-2:] for each in column.foreign_keys]
    return next((entity_of_table(table) for table, target in targets if target == "id"), None)


def enum_of(entity: type[Entity], key: str) -> type[LabelledEnum] | None:
    """The enum whose words a column holds; ``None`` for any other attribute."""
    kind = type_of(entity, key)
    return kind.enum if isinstance(kind, EnumText) else None
