"""Entering accounts: what both walls are told, for how long, and what may be written meanwhile."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import (
    CrossAccountWrite,
    NoAccountInScope,
    account_scope,
    current_scope,
    current_system_scope,
    enter_account,
    require_scope,
    system_scope,
)


def told():
    """The account that the database knows of."""
    return db.session.scalar(text("SELECT nullif(current_setting('getinn.account_id', true), '')"))


def names():
    return {name.split()[0] for name in db.session.scalars(select(Restaurant.name))}


def test_a_new_row_gets_the_account_in_scope(scoped, world):
    with scoped(world.pelmenya.account_id):
        restaurant = Restaurant(name="new")
        db.session.add(restaurant)
        db.session.flush()
        assert restaurant.account_id == world.pelmenya.account_id


def test_a_row_of_another_account_is_not_written(scoped, world):
    with scoped(world.pelmenya.account_id):
        db.session.add(Restaurant(name="new", account_id=world.vareniki.account_id))
        with pytest.raises(CrossAccountWrite):
            db.session.flush()


def test_a_row_is_not_moved_to_another_account(scoped, world):
    with scoped(world.pelmenya.account_id):
        db.session.get_one(Restaurant, world.pelmenya.restaurant_id).account_id = world.vareniki.account_id
        with pytest.raises(CrossAccountWrite):
            db.session.flush()


def test_a_row_of_the_account_before_is_not_written_in_the_next(scoped, world):
    with scoped(world.pelmenya.account_id):
        restaurant = db.session.get_one(Restaurant, world.pelmenya.restaurant_id)
        enter_account(world.vareniki.account_id)
        restaurant.name = "changed from elsewhere"
        with pytest.raises(CrossAccountWrite):
            db.session.flush()


def test_nothing_is_deleted_from_another_account(scoped, world):
    with scoped(world.pelmenya.account_id):
        restaurant = db.session.get_one(Restaurant, world.pelmenya.archived_restaurant_id)
        enter_account(world.vareniki.account_id)
        db.session.delete(restaurant)
        with pytest.raises(CrossAccountWrite):
            db.session.flush()


def test_a_row_without_an_account_is_not_written(app, world):
    with app.app_context():
        db.session.add(Restaurant(name="nobody's"))
        with pytest.raises(NoAccountInScope):
            db.session.flush()


def test_the_scope_is_demanded_where_there_is_none(app):
    with app.app_context(), pytest.raises(NoAccountInScope):
        require_scope()
    assert current_scope() is None
    assert current_system_scope() is None


def test_the_database_is_told_again_after_each_commit(scoped, world):
    with scoped(world.pelmenya.account_id):
        for end in (db.session.commit, db.session.rollback, db.session.commit):
            end()
            assert told() == str(world.pelmenya.account_id)
            assert names() == {"zqpelmenya"}


def test_an_account_entered_within_another_leaves_it_as_it_was(scoped, world):
    with scoped(world.pelmenya.account_id):
        with account_scope(world.vareniki.account_id):
            assert names() == {"zqvareniki"}
            with account_scope(world.pelmenya.account_id):
                assert names() == {"zqpelmenya"}
            assert names() == {"zqvareniki"}
            assert told() == str(world.vareniki.account_id)
        assert names() == {"zqpelmenya"}
        assert told() == str(world.pelmenya.account_id)


def test_an_account_is_left_even_when_something_goes_wrong_in_it(scoped, world):
    with scoped(world.pelmenya.account_id):
        with pytest.raises(ZeroDivisionError), account_scope(world.vareniki.account_id):
            raise ZeroDivisionError
        assert told() == str(world.pelmenya.account_id)
        assert names() == {"zqpelmenya"}


def test_an_account_is_left_even_when_its_transaction_failed(scoped, world):
    with scoped(world.pelmenya.account_id):
        with pytest.raises(ProgrammingError), account_scope(world.vareniki.account_id):
            db.session.execute(text("SELECT nonsense"))
        db.session.rollback()
        assert told() == str(world.pelmenya.account_id)


def test_what_was_added_in_an_account_is_written_before_it_is_left(app, world, superuser_sql):
    with app.app_context():
        with account_scope(world.pelmenya.account_id):
            db.session.add(Restaurant(name="added within"))
        db.session.commit()
    [row] = superuser_sql("SELECT account_id FROM getinn_ops.restaurant WHERE name = 'added within'")
    assert row.account_id == world.pelmenya.account_id


def test_after_the_last_account_none_is_left_in_scope(app, world):
    with app.app_context():
        with account_scope(world.pelmenya.account_id):
            assert names() == {"zqpelmenya"}
        assert told() is None
        with pytest.raises(NoAccountInScope):
            names()


def test_a_door_within_an_account_leaves_the_account_as_it_was(scoped, world):
    with scoped(world.pelmenya.account_id):
        with system_scope("accounts"):
            assert current_system_scope() == "accounts"
            assert names() == {"zqpelmenya", "zqvareniki"}
        assert current_system_scope() is None
        assert names() == {"zqpelmenya"}


def test_a_door_is_closed_even_when_something_goes_wrong_behind_it(scoped, world):
    with scoped(world.pelmenya.account_id):
        with pytest.raises(ZeroDivisionError), system_scope("accounts"):
            raise ZeroDivisionError
        assert names() == {"zqpelmenya"}
        assert db.session.scalar(text("SELECT current_setting('getinn.door', true)")) == ""


def test_a_door_shows_no_table_that_does_not_admit_it(app, world):
    with app.app_context(), system_scope("link"):
        assert names() == set()


def test_a_connection_that_goes_back_to_the_pool_forgets_the_account(app, world, scoped):
    with scoped(world.pelmenya.account_id):
        assert told() == str(world.pelmenya.account_id)
    with app.app_context():
        assert told() is None


def test_an_account_that_does_not_exist_holds_nothing(scoped, world):
    with scoped(uuid4()):
        assert names() == set()
