"""What a kind of iiko's rows says of itself to the engine: one module each in ``portal/iiko/kinds`` (decision 039)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement

from portal.db.base import TenantEntity
from portal.db.records import Record
from portal.db.types import LabelledEnum
from portal.db.words import Label
from portal.iiko.client.client import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.requests import ApiRequest
from portal.iiko.models import IikoRun
from portal.iiko.sync.folding import fold
from portal.iiko.sync.reasons import HoldReason, Reason

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ref:
    """A row of another kind, by iiko's id; ``entity_id`` where a person mapped it to a row of ours."""

    kind: str
    iiko_id: str
    name: str = ""
    entity_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows below a row, such as the lines of a paper, each as JSON keeps it: amounts are text."""

    rows: tuple[Mapping[str, Any], ...]


Value: TypeAlias = str | bool | Decimal | date | Ref | Parts | None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of iiko's that could be read: what it sends as our columns; ``None`` is nothing, an absent key not sent.

    ``skip`` is why it is not taken. ``nodes`` are the ids above it in iiko's tree, the nearest first: a person may
    have said which row of ours one of them is. ``day`` is the one that a document is asked for by.
    """

    iiko_id: str
    name: str
    values: Mapping[str, Value]
    skip: Reason | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of iiko's that could not be read; ``iiko_id`` is ``None`` where not even that could."""

    iiko_id: str | None
    name: str
    reason: Reason
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class KindReading(Reading):
    """What a kind's reader notes by the way: ``facts`` about the whole answer, by which it is judged.

    Where answers are read day by day, what is the same for all of them is made ``once``.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What was made of an answer that comes with each of several others."""
        if name not in self.made:
            self.made[name] = make()
        found: T = self.made[name]
        return found


@dataclass
class RowStream:
    """The rows of one kind as they are read, and what its reader has noted once they have ended.

    ``groups`` are compared one after the other, so that documents of many days are not in memory at once; ``days``
    are the first and the last of those.
    """

    groups: Iterable[Iterable[ReadRow | Unreadable]]
    reading: KindReading = field(default_factory=KindReading)
    days: tuple[date, date] | None = None

    @classmethod
    def of(cls, rows: Iterable[ReadRow | Unreadable], reading: KindReading | None = None) -> "RowStream":
        """Rows that are compared together."""
        return cls((rows,), reading or KindReading())

    def __iter__(self) -> Iterator[ReadRow | Unreadable]:
        return (row for group in self.groups for row in group)


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


class Compared(StrEnum):
    """With what iiko's word about a field is compared.

    ``LAST``: with iiko's own last word, where ours is told otherwise or stands in other rows. ``NEVER``: a new row
    begins with it, and after that it is ours.
    """

    OURS = "ours"
    LAST = "last"
    NEVER = "never"


def as_it_is(value: Any) -> Any:
    """A value that needs no other form."""
    return value


@dataclass(frozen=True)
class KindField:
    """A column of ours that iiko fills; ``is_part``: no column, but rows below ours or a word about them.

    ``within`` is the column of JSON that it is an entry of, and an attribute of our row all the same.

    ``refers_to`` is the kind whose row it names. A required one that is not linked keeps the row out. Where a
    ``is_key`` one is pinned and iiko changes it a person decides. A change of an ``is_move`` one is shown first; it
    and a ``is_binding`` one need a person while the row is in use.

    A value is kept as JSON: ``parse`` makes our column's of it, ``show`` what people read (one of ``words`` in their
    language), and ``remember`` what the link keeps, by whether rows of other kinds are known by now.
    """

    key: str
    label: Label
    refers_to: str | None = None
    is_required: bool = False
    is_key: bool = False
    is_move: bool = False
    is_binding: bool = False
    is_part: bool = False
    within: str | None = None
    compared: Compared = Compared.OURS
    words: type[LabelledEnum] | None = None
    parse: Callable[[Any], Any] = as_it_is
    show: Callable[[Any], Any] = as_it_is
    remember: "Callable[[Any, IsKnown], Any]" = lambda value, is_known: value


# Whether a row of iiko's, by its kind and id, is one of ours.
IsKnown: TypeAlias = Callable[[str, str], bool]


def nothing_more(_values: Mapping[str, Value]) -> dict[str, Any]:
    """A new row begins with what iiko sends alone."""
    return {}


def nothing_odd(_evidence: Evidence) -> HoldReason | None:
    """An answer that is judged by how much of it is gone alone."""
    return None


def nobody_else() -> dict[UUID, UUID]:
    """Every row stands for itself."""
    return {}


def folded_name(key: str, value: Any) -> str | None:
    """What of a field is compared where rows may be alike; ``None`` where there is nothing to compare."""
    if not isinstance(value, str) or not value:
        return None
    return (fold(value) if key == "name" else value.strip()) or None


@dataclass(frozen=True)
class Part:
    """A class of rows below ours: the ``column`` that names ours, the ``field`` that they are, what people say."""

    entity: type[TenantEntity]
    column: str
    field: str
    said: tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One kind of rows: whence they come, which of our rows they are, what of them is taken and when it is held.

    - ``requests`` are asked by a run; ``read`` gets their answers by name, of dated ones one at a time.
    - ``judge`` may hold a whole answer.
    - ``alike`` are the fields by which proposals are made, compared as ``fold`` leaves them; ``within`` is a
      reference that has to be the same. ``unique`` are those that no two rows share.
    - ``mapped_by`` is the field that a mapped node fills, ``begin`` what a new row gets once beyond iiko's fields.
    - ``used`` is true of rows that a person has to look at before they are changed in what binds; ``in_use`` says so.
    - ``not_made`` says why no new row is made of one.
    - ``stands_for`` leads from rows that were merged to those that they are part of now.
    - ``beside`` are kinds whose rows the parts of a row name, each with the member that does.
    - ``parts`` are the rows below ours: when a person changes them, what they are to iiko is pinned.
    - ``is_dated``: documents, read over some days; only those days' rows are looked at and missing. One may have
      parts of its own; ``emptied`` is what becomes of a part that the document lacks by now.
    - ``named_by`` is the column that people know a row by; ``writer`` writes it where plain columns are not all.
    """

    key: str
    label: Label
    depends_on: tuple[str, ...]
    entity: type[Record]
    fields: tuple[KindField, ...]
    requests: Callable[[IikoRun], tuple[ApiRequest, ...]]
    read: Callable[[Mapping[str, Answer], "KindReading"], Iterator[ReadRow | Unreadable]]
    judge: Callable[[Evidence], HoldReason | None] = nothing_odd
    alike: tuple[str, ...] = ("name",)
    fold: Callable[[str, Any], str | None] = folded_name
    unique: tuple[str, ...] = ()
    within: str | None = None
    mapped_by: str | None = None
    begin: Callable[[Mapping[str, Value]], dict[str, Any]] = nothing_more
    used: Callable[[], ColumnElement[bool]] | None = None
    in_use: Reason = Reason.IN_USE
    not_made: Callable[[Mapping[str, Value]], Reason | None] = lambda values: None
    stands_for: Callable[[], Mapping[UUID, UUID]] = nobody_else
    beside: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    named_by: str = "name"
    is_dated: bool = False
    emptied: Mapping[str, Value] = field(default_factory=dict)
    writer: Any = None
    # Read several times a day, and not at night alone.
    is_frequent: bool = False

    def field(self, key: str) -> KindField:
        """The field of a column; ``KeyError`` where iiko does not fill it."""
        return {each.key: each for each in self.fields}[key]

    @property
    def columns(self) -> Sequence[KindField]:
        """The fields that are columns of ours."""
        return tuple(each for each in self.fields if not each.is_part)

    @property
    def part_keys(self) -> Sequence[str]:
        """The fields that hold rows below ours."""
        return tuple(each.key for each in self.fields if each.is_part)


# In the order in which they are written; filled by ``declare``.
KINDS: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    """Add a kind after those that it depends on."""
    assert set(kind.depends_on) <= KINDS.keys(), f"{kind.key} is declared before what it depends on"
    KINDS[kind.key] = kind
    return kind


def kind_of_part(entity: TenantEntity) -> tuple[Kind, Part] | None:
    """The kind that a row stands below, and as which part of it."""
    return next(((kind, part) for kind in KINDS.values() for part in kind.parts if type(entity) is part.entity), None)


def kind_of(entity: TenantEntity | type[TenantEntity]) -> Kind | None:
    """The kind whose rows are of that class."""
    cls = entity if isinstance(entity, type) else type(entity)
    return next((kind for kind in KINDS.values() if kind.entity is cls), None)
