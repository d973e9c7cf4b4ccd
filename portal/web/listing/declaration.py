"""What a list declares: its columns, sorts, filters, search and export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, bindparam

from portal.db.base import Entity, TenantEntity
from portal.db.words import Label
from portal.web.values import storable

PAGE_SIZE = 50
# Beyond this many matches a count says "1 000+", and a search reads in the order of the list.
COUNT_CAP = 1000
MAX_VALUE = 200

# The value and label of each, or what gives them once everything is loaded.
Choices: TypeAlias = Sequence[tuple[str, Label]] | Callable[[], Sequence[tuple[str, Label]]]


@dataclass(frozen=True)
class Sort:
    """One order of the list. ``column`` must never be null; ties are broken by id.

    ``shown_by`` is the key of the table's column whose head asks for it, where that shows something else.
    """

    key: str
    label: Label
    column: ColumnElement[Any]
    parse: Callable[[str], Any] = str
    descending: bool = False
    shown_by: str | None = None


@dataclass(frozen=True)
class Filter:
    """A choice among a few conditions; the value ``""`` is the default and may have one, too."""

    key: str
    label: Label
    choices: Choices
    conditions: Mapping[str, ColumnElement[bool] | None]

    def offered(self) -> Sequence[tuple[str, Label]]:
        """What a person may choose among."""
        return self.choices() if callable(self.choices) else self.choices

    def accept(self, text: str) -> str:
        """The chosen value, or the default for what is not a choice."""
        return text if text in self.conditions else ""

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """The condition of a chosen value."""
        return self.conditions.get(value)

    def parameters(self, value: str) -> dict[str, Any]:
        """What the condition is executed with."""
        return {}

    def shape(self, value: str) -> str:
        """What of the value changes the statement's text."""
        return value


@dataclass(frozen=True)
class ValueFilter(Filter):
    """A filter that compares a column with the value itself; ``parse`` raises ``ValueError`` on a bad one."""

    choices: Choices = ()
    conditions: Mapping[str, ColumnElement[bool] | None] = field(default_factory=dict)
    column: ColumnElement[Any] | None = None
    parse: Callable[[str], Any] = storable
    operator: Callable[[Any, Any], ColumnElement[bool]] = lambda column, value: column == value
    kind: str = "choice"

    def accept(self, text: str) -> str:
        """The value where it can be parsed, else nothing."""
        told = storable(text)[:MAX_VALUE]
        try:
            self.parse(told)
        except (ValueError, OverflowError):
            return ""
        return told

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """The comparison with the column."""
        if not value or self.column is None:
            return None
        return self.operator(self.column, bindparam(f"filter_{self.key}", None, type_=self.column.type))

    def parameters(self, value: str) -> dict[str, Any]:
        """The parsed value."""
        return {f"filter_{self.key}": self.parse(value)} if value else {}

    def shape(self, value: str) -> str:
        """Only whether there is a value."""
        return "set" if value else ""


@dataclass(frozen=True)
class IdFilter(ValueFilter):
    """A filter by the id of a related row, reached by a link; shown only while it is set."""

    parse: Callable[[str], Any] = UUID
    kind: str = "id"


@dataclass(frozen=True)
class Export:
    """One column of the CSV: its heading and how a row gives it."""

    heading: Label
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Parent:
    """The row whose page a list stands on, such as the bot of a list of conversations.

    ``key`` is the listed rows' reference to it; ``columns`` are what the page says of it. Its ``entity`` is
    looked for among the rows that the person may see.
    """

    entity: type[TenantEntity]
    key: ColumnElement[Any]
    columns: Mapping[str, ColumnElement[Any]]


# What people call each list, by its name: the log keeps the name and is read in the reader's language.
LIST_TITLES: dict[str, Label] = {}

Compiled: TypeAlias = tuple[bytes, dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Listing:
    """A list page: what it reads and how it may be narrowed.

    ``entity`` is the class whose rows are listed; both the account and the person's restaurants are
    added by the reader. ``source`` joins what the columns need beyond it. Words are looked for in the
    search entries of the table ``search_entity``, of rows without entries in the column ``searched``, which holds a
    searched text, or of few rows in the columns ``search``. ``search_key`` is the column that names the row of
    ``search_entity``, where that is another table: prices and movements are found by the names of their items.
    ``title`` is what people call the list where it is not simply its rows' plural.
    With a ``parent`` only the rows of one other row are listed, which is named where the page is read. ``find`` gives
    the ids where something else than words is looked for, such as the end of a number, and else ``None``.
    """

    name: str
    entity: type[Entity]
    columns: Mapping[str, ColumnElement[Any]]
    sorts: Sequence[Sort]
    search_label: Label
    count_label: Callable[[int, bool], str] | None = None
    filters: Sequence[Filter] = ()
    source: FromClause | None = None
    search: Sequence[ColumnElement[Any]] = ()
    searched: ColumnElement[Any] | None = None
    search_entity: str | None = None
    search_key: ColumnElement[Any] | None = None
    find: Callable[[str], list[UUID] | None] | None = None
    exports: Sequence[Export] = ()
    criteria: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    parent: Parent | None = None
    # Where the rows are shown in the table that all lists share (``templates/records/_list.html``).
    table: Sequence[Any] = ()
    empty_text: Label = None
    title: Label = None
    icon: str = "search"
    # Each shape's statement and its constants, compiled once.
    statements: dict[Any, Compiled] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        words = self.entity.words
        LIST_TITLES[self.name] = self.title or words.plural or words.label

    def count_text(self, count: int) -> str:
        """How many rows match, up to the cap, as the class of the rows counts them."""
        is_capped = count > COUNT_CAP
        if self.count_label is not None:
            return self.count_label(min(count, COUNT_CAP), is_capped)
        assert self.entity.words.count is not None, f"{self.entity.__name__} does not say how it is counted"
        return self.entity.words.count.of(min(count, COUNT_CAP), capped_count(COUNT_CAP) if is_capped else None)

    @property
    def is_tenant(self) -> bool:
        """Whether its rows belong to accounts."""
        return issubclass(self.entity, TenantEntity)

    def sort(self, key: str) -> Sort | None:
        """The sort of that key."""
        return next((sort for sort in self.sorts if sort.key == key), None)


def moment(text: str) -> datetime:
    """A naive UTC moment from its ISO form; ``ValueError`` for anything else."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError("expected UTC without zone")
    return value


def capped_count(count: int) -> str:
    """A count that stopped at the cap, such as ``1 000+``."""
    return f"{count:,}+".replace(",", "\u202f")


def format_count(count: int, cap: int = COUNT_CAP) -> str:
    """A count that was made up to the cap, as pages show it."""
    return capped_count(cap) if count > cap else str(count)
