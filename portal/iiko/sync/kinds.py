"""What a kind of iiko's rows says of itself to the engine: one module each in ``portal/iiko/kinds`` (decision 039)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from portal.db.base import TenantEntity
from portal.db.records import Record
from portal.db.words import Label
from portal.iiko.client.client import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.requests import ApiRequest
from portal.iiko.sync.reasons import HoldReason, Reason


@dataclass(frozen=True, slots=True)
class Ref:
    """A row of another kind, by iiko's id; ``entity_id`` where a person mapped it to a row of ours."""

    kind: str
    iiko_id: str
    name: str = ""
    entity_id: UUID | None = None


Value: TypeAlias = str | bool | Decimal | Ref | None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of iiko's that could be read: what it sends as our columns; ``None`` is nothing, an absent key not sent.

    ``skip`` is why it is not taken. ``nodes`` are the ids above it in iiko's tree, the nearest first: a person may
    have said which row of ours one of them is.
    """

    iiko_id: str
    name: str
    values: Mapping[str, Value]
    skip: Reason | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of iiko's that could not be read; ``iiko_id`` is ``None`` where not even that could."""

    iiko_id: str | None
    name: str
    reason: Reason
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class KindReading(Reading):
    """What a kind's reader notes by the way: ``facts`` about the whole answer, by which it is judged."""

    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class RowStream:
    """The rows of one kind as they are read, and what its reader has noted once they have ended."""

    rows: Iterable[ReadRow | Unreadable]
    reading: KindReading = field(default_factory=KindReading)

    def __iter__(self) -> Iterator[ReadRow | Unreadable]:
        return iter(self.rows)


@dataclass(frozen=True)
class Evidence:
    """What is known of a whole answer when it is judged: rows that are taken, linked ones and those of them gone.

    ``facts`` are what the kind's reader noted, ``corporation_id`` is the company that the server was known to be of.
    """

    taken: int
    linked: int
    gone: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    corporation_id: str | None = None


@dataclass(frozen=True)
class KindField:
    """A column of ours that iiko fills.

    ``refers_to`` is the kind whose row it names. A required one that is not linked keeps the row out. Where a
    ``is_key`` one is pinned and iiko changes it a person decides. A change of an ``is_move`` one is shown first.
    """

    key: str
    label: Label
    refers_to: str | None = None
    is_required: bool = False
    is_key: bool = False
    is_move: bool = False


def nothing_more(_values: Mapping[str, Value]) -> dict[str, Any]:
    """A new row begins with what iiko sends alone."""
    return {}


@dataclass(frozen=True)
class Kind:
    """One kind of rows: whence they come, which of our rows they are, what of them is taken and when it is held.

    - ``read`` gets the answers by the names of their ``requests``; ``judge`` may hold a whole answer.
    - ``alike`` are the fields by which proposals are made: ``name`` folded, others as they are; ``within`` is a
      reference that has to be the same.
    - ``mapped_by`` is the field that a mapped node fills, ``begin`` what a new row gets once beyond iiko's fields.
    - ``used_by`` are the classes whose rows keep one of ours from being moved, each with the column that names it.
    """

    key: str
    label: Label
    depends_on: tuple[str, ...]
    entity: type[Record]
    fields: tuple[KindField, ...]
    requests: Callable[[], tuple[ApiRequest, ...]]
    read: Callable[[Mapping[str, Answer], "KindReading"], Iterator[ReadRow | Unreadable]]
    judge: Callable[[Evidence], HoldReason | None]
    alike: tuple[str, ...] = ("name",)
    within: str | None = None
    mapped_by: str | None = None
    begin: Callable[[Mapping[str, Value]], dict[str, Any]] = nothing_more
    used_by: tuple[tuple[type[TenantEntity], str], ...] = ()
    # Read several times a day, and not at night alone.
    is_frequent: bool = False

    def field(self, key: str) -> KindField:
        """The field of a column; ``KeyError`` where iiko does not fill it."""
        return {each.key: each for each in self.fields}[key]


# In the order in which they are written; filled by ``declare``.
KINDS: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    """Add a kind after those that it depends on."""
    assert set(kind.depends_on) <= KINDS.keys(), f"{kind.key} is declared before what it depends on"
    KINDS[kind.key] = kind
    return kind


def kind_of(entity: TenantEntity | type[TenantEntity]) -> Kind | None:
    """The kind whose rows are of that class."""
    cls = entity if isinstance(entity, type) else type(entity)
    return next((kind for kind in KINDS.values() if kind.entity is cls), None)
