"""SQL by hand comes back as typed rows, within the session's transaction."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from portal.db import cursor
from portal.db.base import SCHEMA, db
from portal.tenancy.scope import enter_account


@dataclass(frozen=True)
class Named:
    id: UUID
    name: str


OWN = f"SELECT id, name FROM {SCHEMA}.restaurant WHERE account_id = %(account)s ORDER BY name".encode()
RENAME = f"UPDATE {SCHEMA}.restaurant SET name = %(name)s WHERE account_id = %(account)s".encode()


@pytest.fixture
def account_id(app, world):
    with app.app_context():
        enter_account(world.pelmenya.account_id)
        yield world.pelmenya.account_id


def test_rows_are_dataclasses_whose_fields_are_the_columns(account_id, world):
    found = cursor.rows(Named, OWN, account=account_id)
    assert world.pelmenya.restaurant_id in {each.id for each in found}
    assert cursor.row(Named, OWN, account=account_id) == found[0]


def test_the_first_of_no_rows_is_none(account_id, world):
    assert cursor.row(Named, OWN, account=world.vareniki.account_id) is None
    assert cursor.scalar(OWN, account=world.vareniki.account_id) is None


def test_a_column_that_the_row_has_no_field_for_is_an_error(account_id):
    with pytest.raises(TypeError, match="is_active"):
        cursor.rows(Named, OWN.replace(b"name FROM", b"name, is_active FROM"), account=account_id)


def test_single_columns_are_their_values(account_id):
    assert cursor.scalars(b"SELECT n FROM unnest(%(numbers)s::int[]) AS n", numbers=[3, 1, 2]) == [3, 1, 2]


def test_a_change_says_how_many_rows_and_belongs_to_the_session(account_id):
    before = cursor.scalars(OWN.replace(b"id, name", b"name"), account=account_id)
    assert cursor.execute(RENAME, account=account_id, name="Same") == len(before)
    db.session.rollback()
    enter_account(account_id)
    assert cursor.scalars(OWN.replace(b"id, name", b"name"), account=account_id) == before
