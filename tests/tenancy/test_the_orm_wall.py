"""Wall one: every ORM statement carries the account in scope, and without one it is refused."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased, joinedload, selectinload

from portal.accounts.models import Account
from portal.auth.throttle import SignInAttempt
from portal.channels.models import BotPlatformCredential
from portal.db.base import TenantEntity, db
from portal.db.restaurant_limit import RestaurantLimit
from portal.equipment.models import StoreEquipment
from portal.restaurants.models import Restaurant
from portal.scenarios.models import BotScenario
from portal.stores.models import Store
from portal.tenancy.objects import find_row
from portal.tenancy.scope import NoAccountInScope, enter_account, system_scope
from portal.tenancy.walls import limited_entities
from portal.users.models import User
from portal.users.sessions import UserSession

EVERY_ENTITY = sorted(
    (mapper.class_ for mapper in TenantEntity.registry.mappers if issubclass(mapper.class_, TenantEntity)),
    key=lambda entity: entity.__name__,
)


@pytest.fixture
def within(bypassing_app, world):
    """An account entered, on a role that row security does not bind: what holds here holds by the ORM."""

    @contextmanager
    def open_account(account_id=None, restaurant_ids=None):
        with bypassing_app.app_context():
            if account_id:
                enter_account(account_id, restaurant_ids)
            yield db.session

    return open_account


@pytest.mark.parametrize("entity", EVERY_ENTITY, ids=lambda entity: entity.__name__)
def test_a_select_gives_the_rows_of_the_account_alone(within, world, entity):
    with within(world.pelmenya.account_id) as session:
        found = {row.account_id for row in session.scalars(select(entity)).unique()}
    assert found == {world.pelmenya.account_id}


@pytest.mark.parametrize("entity", EVERY_ENTITY, ids=lambda entity: entity.__name__)
def test_a_row_of_another_account_is_not_found_by_its_id(within, world, entity):
    with within(world.pelmenya.account_id) as session:
        assert session.get(entity, world.vareniki.id_of(entity.__tablename__)) is None
        assert session.get(entity, world.pelmenya.id_of(entity.__tablename__)) is not None


@pytest.mark.parametrize("entity", EVERY_ENTITY, ids=lambda entity: entity.__name__)
def test_a_row_read_past_the_session_is_the_row_that_the_session_reads(within, world, entity):
    row_id = world.pelmenya.id_of(entity.__tablename__)
    keys = [each.key for each in entity.__mapper__.column_attrs if not each.deferred]
    with within(world.pelmenya.account_id) as session:
        assert find_row(entity, world.vareniki.id_of(entity.__tablename__)) is None
        found = find_row(entity, row_id)
        ours = {key: getattr(found, key) for key in keys}
        assert found in session
        assert not session.dirty
        assert session.get(entity, row_id) is found
        session.expunge_all()
        read = session.get(entity, row_id)
        assert {key: getattr(read, key) for key in keys} == ours
        assert {type(getattr(read, key)) for key in keys} == {type(value) for value in ours.values()}


def test_a_row_read_past_the_session_is_written_by_it(within, world, superuser_sql):
    with within(world.pelmenya.account_id) as session:
        restaurant = find_row(Restaurant, world.pelmenya.id_of("restaurant"))
        restaurant.phone = "changed"
        session.commit()
    [row] = superuser_sql("SELECT count(*) AS n FROM getinn_ops.restaurant WHERE phone = 'changed'")
    assert row.n == 1


def test_a_row_of_a_restaurant_that_is_not_theirs_is_not_found_past_the_session(within, world):
    other = world.pelmenya.id_of("restaurant")
    with within(world.pelmenya.account_id, (uuid4(),)):
        assert find_row(Restaurant, other) is None
    with within(world.pelmenya.account_id, (other,)):
        assert find_row(Restaurant, other).id == other


@pytest.mark.parametrize("entity", [*EVERY_ENTITY, Account], ids=lambda entity: entity.__name__)
def test_without_an_account_a_statement_is_refused(within, world, entity):
    with within() as session:
        for statement in (select(entity), select(entity.id), select(func.count()).select_from(entity)):
            with pytest.raises(NoAccountInScope):
                session.execute(statement)


def test_without_an_account_a_statement_is_refused_however_it_reaches_the_rows(within, world):
    with within() as session:
        for statement in (
            select(aliased(Restaurant)),
            update(Restaurant).values(name="x"),
            delete(Restaurant),
            select(User.email).join(UserSession, UserSession.user_id == User.id),
            select(exists().where(Restaurant.id.is_not(None))),
            select(SignInAttempt).where(SignInAttempt.id.in_(select(func.length(Restaurant.name)))),
        ):
            with pytest.raises(NoAccountInScope):
                session.execute(statement)


def test_what_belongs_to_no_account_may_be_read_without_one(within, world):
    with within() as session:
        assert session.scalars(select(SignInAttempt)).all() == []


def test_counts_joins_aliases_and_subqueries_stay_within(within, world):
    with within(world.pelmenya.account_id) as session:
        assert session.scalar(select(func.count()).select_from(Restaurant)) == 3
        assert session.scalar(select(func.count()).select_from(aliased(Restaurant))) == 3
        joined = select(Store).join(Restaurant, Restaurant.id == Store.restaurant_id)
        assert {row.account_id for row in session.scalars(joined)} == {world.pelmenya.account_id}
        inner = select(Restaurant.id).scalar_subquery()
        assert session.scalar(select(func.count()).select_from(Store).where(Store.restaurant_id.in_(inner))) == 3


def test_related_rows_are_loaded_within_the_account(within, world):
    with within(world.pelmenya.account_id) as session:
        people = session.scalars(select(User).options(selectinload(User.assignments))).all()
        assert {each.account_id for one in people for each in one.assignments} == {world.pelmenya.account_id}
        loaded = session.scalars(select(BotPlatformCredential).options(joinedload(BotPlatformCredential.bot)))
        assert {each.bot.account_id for each in loaded} == {world.pelmenya.account_id}
        lazily = session.scalars(select(BotPlatformCredential)).first()
        assert lazily.bot.account_id == world.pelmenya.account_id


def test_updates_and_deletes_in_bulk_stay_within(within, world, superuser_sql):
    with within(world.pelmenya.account_id) as session:
        session.execute(update(Restaurant).values(phone="everywhere"))
        session.execute(delete(UserSession))
        session.commit()
    [row] = superuser_sql("SELECT count(*) AS n FROM getinn_ops.restaurant WHERE phone = 'everywhere'")
    assert row.n == 3
    left = superuser_sql("SELECT account_id FROM getinn_ops.user_session")
    assert [row.account_id for row in left] == [world.vareniki.account_id]


def test_the_account_itself_is_the_only_one_to_be_seen(within, world):
    with within(world.pelmenya.account_id) as session:
        assert session.scalars(select(Account.slug)).all() == ["pelmenya"]


def test_a_door_opens_every_account_and_closes_again(within, world):
    with within() as session:
        with system_scope("accounts"):
            assert len(session.scalars(select(Account.id)).all()) == 3
        with pytest.raises(NoAccountInScope):
            session.scalars(select(Account.id)).all()


def test_assigned_people_reach_the_rows_of_their_restaurants_alone(within, world):
    chain = world.pelmenya
    with within(chain.account_id, (chain.assigned_restaurant_id,)) as session:
        assert session.scalars(select(Restaurant.id)).all() == [chain.assigned_restaurant_id]
        assert session.scalars(select(Store.id)).all() == [chain.assigned_store_id]
        assert session.get(Restaurant, chain.restaurant_id) is None
        assert session.get(Store, chain.store_id) is None


def test_a_row_without_a_restaurant_of_its_own_goes_by_its_parent(within, world):
    chain = world.pelmenya
    theirs, others = chain.id_of("store_equipment", 3), chain.id_of("store_equipment", 1)
    with within(chain.account_id, (chain.assigned_restaurant_id,)) as session:
        assert session.scalars(select(StoreEquipment.id)).all() == [theirs]
        assert session.get(StoreEquipment, others) is None
        # The statement may name the parent's table itself, and the lines under another name.
        joined = select(StoreEquipment.id).join(Store, Store.id == StoreEquipment.store_id)
        assert session.scalars(joined).all() == [theirs]
        one = aliased(StoreEquipment)
        assert session.scalars(select(one.id).join(Store, Store.id == one.store_id)).all() == [theirs]
        assert session.scalar(select(func.count()).select_from(StoreEquipment)) == 1
        session.execute(update(StoreEquipment).values(comment="changed"))
        session.execute(delete(StoreEquipment).where(StoreEquipment.comment != "changed"))
        session.flush()
        session.expire_all()
        with system_scope("accounts"):
            told = dict(session.execute(select(StoreEquipment.id, StoreEquipment.comment)).all())
        assert told[theirs] == "changed"
        assert told[others] != "changed"
        session.rollback()


@pytest.mark.parametrize("unassigned_visible", [True, False])
def test_a_row_without_a_restaurant_is_everybodys_or_nobodys_as_its_class_says(
    within, world, superuser_sql, monkeypatch, unassigned_visible
):
    # Both answers of one table: the author of a scenario, who may be absent, stands in for a restaurant.
    monkeypatch.setattr(
        BotScenario, "__restaurant_limit__", RestaurantLimit("author_id", unassigned_visible=unassigned_visible)
    )
    chain = world.pelmenya
    superuser_sql("UPDATE getinn_ops.bot_scenario SET author_id = NULL WHERE id = %s", [chain.scenario_id])
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET author_id = %s WHERE id = %s", [chain.owner.id, chain.draft_scenario_id]
    )
    for assigned, seen in ((chain.owner.id, {chain.draft_scenario_id}), (chain.restaurant_id, set())):
        with within(chain.account_id, (assigned,)) as session:
            expected = seen | ({chain.scenario_id} if unassigned_visible else set())
            assert set(session.scalars(select(BotScenario.id))) == expected


def test_every_row_that_leads_to_a_restaurant_is_limited_to_those_of_the_person():
    limited = {entity.__tablename__ for entity, _ in limited_entities()}
    leading = {
        entity
        for entity in EVERY_ENTITY
        for key in entity.__table__.foreign_keys
        if key.column.table.name in limited and entity.__tablename__ not in limited
    }
    # An assignment is read to find out what a person may see.
    assert {entity.__name__ for entity in leading} == {"UserRestaurant"}
    assert {"restaurant", "store", "store_equipment"} <= limited
