"""New and changed rows of a flush that are all of a plain kind are written by one statement, in one round trip.

The session writes class by class: four rows of four kinds are four statements and a third of a switch's time (decision
032). A class says ``__joint__`` where nothing in the writing of its rows waits for another row of the same flush.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from operator import add
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Dialect,
    Table,
    bindparam,
    event,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.orm import Session, make_transient, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from portal.db.base import TenantEntity

# One of more rows would be a text of its own for each number of them.
MAX_ROWS = 8
Writer: TypeAlias = Callable[[Any], Any] | None


class Shape(NamedTuple):
    """What the statement says of a row: its table, whether it is new, the columns that are written."""

    table: Table
    is_new: bool
    keys: tuple[str, ...]


class Write:
    """One row that is to be written: of a new one all it has, of another what has changed."""

    def __init__(self, row: Any, *, is_new: bool | None = None) -> None:
        self.row, self.table = row, row.__table__
        state = inspect(row)
        self.is_new = state.pending if is_new is None else is_new
        self.has_columns_alone = self.is_new or set(state.committed_state) <= set(self.table.c.keys())
        present = vars(row)
        if self.is_new:
            self.values = {key: present[key] for key in self.table.c.keys() if present.get(key) is not None}  # noqa: SIM118
        else:
            former = state.committed_state
            self.values = {key: present[key] for key, value in former.items() if present[key] != value}

    @property
    def is_possible(self) -> bool:
        """Whether the session need not write it: no other row hangs on it, and the database works nothing out."""
        return (
            self.has_columns_alone
            and (self.is_new or not {"id", "account_id"} & self.values.keys())
            and not any(isinstance(value, ClauseElement) for value in self.values.values())
        )

    @property
    def shape(self) -> Shape:
        """What of it is the statement's text."""
        return Shape(self.table, self.is_new, tuple(sorted(self.values)))

    def fill_defaults(self) -> None:
        """Give a new row the defaults of its columns, as the session does before it writes."""
        for column in self.table.c if self.is_new else ():
            if column.default is not None and column.key not in self.values:
                value = column.default.arg
                self.values[column.key] = vars(self.row)[column.key] = (
                    value(None) if column.default.is_callable else value
                )

    def settle(self, session: Session) -> None:
        """Let the session know that the row stands in the database as it is."""
        session.expunge(self.row)
        if not self.is_new:
            make_transient(self.row)
            # The database has made them anew.
            for column in self.table.c:
                if column.server_onupdate is not None:
                    vars(self.row).pop(column.key, None)
        make_transient_to_detached(self.row)
        session.add(self.row)


def install() -> None:
    """Look at what is about to be written; a second app in the same process finds it looked at."""
    if not event.contains(Session, "before_flush", write_jointly):
        event.listen(Session, "before_flush", write_jointly)


def write_jointly(session: Session, flush_context: Any, instances: Any) -> None:
    """Write all rows of the flush where each is of a plain kind and there are several; else the session writes them."""
    rows = [*session.new, *session.dirty]
    # What a savepoint takes back only the session can take back.
    if (
        instances
        or session.deleted
        or session.in_nested_transaction()
        or not 1 < len(rows) <= MAX_ROWS
        or not all(_may_be_joint(row) for row in rows)
    ):
        return
    writes = [Write(row) for row in rows]
    for each in writes:
        each.fill_defaults()
    # One that was set to what it had stays as it is.
    writes = [each for each in writes if each.values]
    if writes and all(each.is_possible for each in writes):
        # In one order, whichever was changed first: each order is a text of its own. What is new comes last.
        _write(session, sorted(writes, key=lambda each: (str(each.table.name), each.is_new)))
        for each in writes:
            each.settle(session)


def _may_be_joint(row: Any) -> bool:
    """Whether nothing else is to happen to rows of its class before they are written."""
    if not isinstance(row, TenantEntity) or not row.__joint__:
        return False
    heard = inspect(type(row)).dispatch
    return not (heard.before_insert or heard.before_update)


def _write(session: Session, writes: Sequence[Write]) -> None:
    """One statement for all of them."""
    values: dict[str, Any] = {}
    for at, each in enumerate(writes):
        told = {"id": each.row.id, "account_id": each.row.account_id, **each.values}
        values.update({f"w{at}_{key}": value for key, value in told.items()})
    connection = session.connection()
    text, writers = _statement(connection.dialect, tuple([each.shape for each in writes]))
    written = {name: values[name] if write is None else write(values[name]) for name, write in writers.items()}
    count = connection.exec_driver_sql(text, written).scalar()
    if count != len(writes):
        raise StaleDataError(f"{len(writes)} rows were to be written, {count} were")


@lru_cache(maxsize=200)
def _statement(dialect: Dialect, shapes: tuple[Shape, ...]) -> tuple[str, dict[str, Writer]]:
    """The text, and by the names of its parameters what makes the driver's value of ours."""
    writers: dict[str, Writer] = {}

    def place(at: int, column: ColumnElement[Any]) -> ColumnElement[Any]:
        assert column.key is not None
        writers[name := f"w{at}_{column.key}"] = column.type.dialect_impl(dialect).bind_processor(dialect)
        return bindparam(name, None, type_=column.type)

    counts = []
    for at, (table, is_new, keys) in enumerate(shapes):
        c = table.c
        values = {key: place(at, c[key]) for key in keys}
        its_own = () if is_new else (c.id == place(at, c.id), c.account_id == place(at, c.account_id))
        write: Any = insert(table) if is_new else update(table).where(*its_own)
        done = write.values(values).returning(c.id).cte(f"w{at}")
        counts.append(select(func.count()).select_from(done).scalar_subquery())
    return str(select(reduce(add, counts)).compile(dialect=dialect)), writers
