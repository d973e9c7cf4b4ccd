"""Hundreds of rows of a kind are one statement, and stand in the database as the session writes them."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.exc import StaleDataError

from portal.db.base import db
from portal.db.many_writes import MANY, update_rows, write_new
from portal.invoices.models import InvoiceException, InvoiceItem
from portal.tenancy.scope import enter_account


@pytest.fixture
def account_id(app, world):
    """The chain that is in scope; nothing of what is written stays."""
    with app.app_context():
        enter_account(world.pelmenya.account_id)
        # Sums are held at the end of a transaction, which these never reach.
        yield world.pelmenya.account_id
        db.session.rollback()


def lines(world, count, **more):
    """New lines of an invoice."""
    told = {"invoice_id": world.pelmenya.id_of("invoice"), "unit_price": Decimal("0.125"), "line_total": Decimal(1)}
    return [
        InvoiceItem(id=uuid4(), position=100 + place, description='50 % "of" it, ё', quantity=Decimal(2), **told | more)
        for place in range(count)
    ]


def stored(row):
    """What the database has of a row, but for its own stamps."""
    db.session.expire(row)
    untold = {"id", "position", "created_at", "updated_at"}
    return {each.key: getattr(row, each.key) for each in inspect(type(row)).column_attrs if each.key not in untold}


def test_many_rows_stand_in_the_database_as_a_few_do(account_id, world):
    many, few = lines(world, MANY, vat_rate=None), lines(world, 2, vat_rate=None)
    write_new(many, account_id)
    write_new(few, account_id)
    assert stored(many[-1]) == stored(few[-1])
    assert all(inspect(row).persistent for row in (*many, *few))


def test_many_rows_are_one_statement(account_id, world):
    statements = []
    rows = lines(world, 3 * MANY)

    def note(connection, cursor, statement, *more):
        statements.append(statement)

    db.session.connection()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        write_new(rows, account_id)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(statements) == 1


def test_documents_within_rows_come_back_as_they_were(account_id, world):
    evidence = {"from": "1.00", "names": ["ё", "'"], "none": None}
    written = lines(world, MANY)
    write_new(written, account_id)
    found = [
        InvoiceException(invoice_id=line.invoice_id, invoice_item_id=line.id, kind="vat", evidence=evidence)
        for line in written
    ]
    write_new(found, account_id)
    kept = select(InvoiceException.evidence).where(InvoiceException.invoice_item_id == written[7].id)
    assert db.session.scalars(kept).one() == evidence


def test_rows_of_another_account_are_refused(account_id, world):
    with pytest.raises(InvalidRequestError):
        write_new(lines(world, MANY, account_id=world.vareniki.account_id), account_id)


def test_an_amount_that_does_not_fit_its_column_is_refused_among_many(account_id, world):
    with pytest.raises(ValueError, match="decimals"):
        write_new(lines(world, MANY, discount=Decimal("0.001")), account_id)


def test_a_change_of_rows_that_are_not_there_is_told(account_id, world):
    [there] = lines(world, 1)
    write_new([there], account_id)
    update_rows(InvoiceItem, [{"id": there.id, "description": "other"}], account_id)
    db.session.expire(there)
    assert there.description == "other"
    with pytest.raises(StaleDataError):
        update_rows(InvoiceItem, [{"id": uuid4(), "description": "other"}], account_id)
