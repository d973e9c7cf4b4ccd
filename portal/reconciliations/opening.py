"""From the rows of a file to a statement that is compared: what is understood, what is asked, what is remembered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.models import Account
from portal.audit.recording import acting_id
from portal.catalogue.settings import SupplySettings
from portal.db.base import db
from portal.db.states import MoveRefused, log_verb
from portal.legal_entities.models import LegalEntity
from portal.reconciliations.jobs import compare_statement
from portal.reconciliations.layout.books import Party
from portal.reconciliations.layout.days import Period, is_likely
from portal.reconciliations.models import Reconciliation, ReconciliationStatus
from portal.reconciliations.queries import held
from portal.reconciliations.reading import Reading, layout_of, read_rows
from portal.reconciliations.remembering import remembered
from portal.reconciliations.running import StatementComparison, forget_rows
from portal.suppliers.models import Supplier

# A statement of more rows is compared by the worker: the page tells how far that has come.
MAX_AT_ONCE = 200


class StatementRefused(Exception):
    """A file cannot be compared at all; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Upload:
    """A table that was read, and what was said of it; a ``period`` or place that nobody named is ``None``."""

    rows: Sequence[tuple[int, list[str]]]
    supplier: Supplier
    document_id: UUID | None
    period: Period | None = None
    restaurant_id: UUID | None = None


def open_statement(upload: Upload) -> Reconciliation:
    """A statement, compared at once where nothing has to be asked; raises ``StatementRefused``."""
    reading = read_upload(upload.rows, upload.supplier)
    currency = single_currency(reading, Account.current().currency)
    statement = Reconciliation(
        supplier_id=upload.supplier.id,
        restaurant_id=upload.restaurant_id,
        document_id=upload.document_id,
        currency=currency,
        tolerance=SupplySettings.current().statement_tolerance,
        created_by_id=acting_id(),
        grid=[[number, cells] for number, cells in upload.rows],
    )
    told = upload.period or (reading.statement.period if reading.statement else None)
    statement.period_from, statement.period_to = told or guessed_period(reading)
    statement.details = {} if told else {"is_period_guessed": True}
    db.session.add(statement)
    db.session.flush()
    log_verb("created", statement)
    faults = reading.book.faults if reading.book else []
    if reading.is_clear and told and not faults:
        take(statement, reading)
    return statement


def read_upload(
    rows: Sequence[tuple[int, list[str]]],
    supplier: Supplier,
    *,
    header_row: int | None = None,
    roles: Sequence[str] = (),
    party: Party | None = None,
) -> Reading:
    """The rows as far as they are understood, by what was once said of files like it where nobody says anything now."""
    if header_row is None:
        known = remembered(supplier.id, rows)
        if known is not None:
            header_row, roles, party = known.header_row, known.roles, party or known.party
    return read_rows(
        rows, header_row=header_row, roles=roles, party=party, supplier_names=[supplier.name], own_names=own_names()
    )


def own_names() -> list[str]:
    """What we are called in papers: the chain and whoever owns its restaurants before the law."""
    return [Account.current().name, *db.session.scalars(select(LegalEntity.name))]


def single_currency(reading: Reading, usual: str) -> str:
    """The currency that a statement is in; amounts of two are never added."""
    named: Collection[str] = reading.statement.currencies if reading.statement else ()
    if len(named) > 1:
        told = ", ".join(sorted(named))
        raise StatementRefused(
            _("This statement is in several currencies (%(codes)s). Ask for one of each.", codes=told)
        )
    return next(iter(named), usual)


def guessed_period(reading: Reading) -> Period:
    """From the first to the last day of its rows, until somebody says otherwise."""
    entries = reading.book.entries if reading.book else []
    days = [entry.day for entry in entries if entry.day and is_likely(entry.day)]
    return (min(days), max(days)) if days else (date.today().replace(day=1), date.today())  # noqa: DTZ011


def take(statement: Reconciliation, reading: Reading) -> None:
    """What was understood is what counts from now on; compare."""
    book, party = reading.book, reading.party
    assert book is not None
    assert party is not None
    layout, sign = layout_of(reading), 1 if party is Party.SUPPLIER else -1
    if layout != statement.details.get("layout"):
        # Read another way its rows are others: nobody has said anything of those.
        forget_rows(statement)
    statement.opening = None if book.opening is None else sign * book.opening
    statement.closing = None if book.closing is None else sign * book.closing
    told: dict[str, Any] = {
        "layout": layout,
        "holder": book.holder[:200],
        "gap": str(sign * book.gap) if book.gap else None,
        "block_gaps": [[title[:200], str(sign * gap)] for title, gap in book.block_gaps],
        "faults": [[fault.row_number, fault.sentence] for fault in book.faults],
        "rows": len(book.entries),
    }
    statement.details = {name: value for name, value in told.items() if value is not None}
    begin_comparison(statement)


def begin_comparison(statement: Reconciliation) -> None:
    """Compare now, or have it done where there is much of it."""
    if statement.details["rows"] <= MAX_AT_ONCE:
        StatementComparison(statement).run()
        return
    statement.status, statement.progress = ReconciliationStatus.IN_PROGRESS, 0
    db.session.flush()
    compare_statement.queue(reconciliation_id=str(statement.id), account_id=str(statement.account_id))


def compare_anew(statement: Reconciliation) -> None:
    """Look again for what nobody has decided: invoices came meanwhile, or were changed."""
    statement = held(statement.id)
    if statement.grid is None or "layout" not in statement.details:
        raise MoveRefused(_("The rows of its file are not kept any more. Upload it again."))
    begin_comparison(statement)
