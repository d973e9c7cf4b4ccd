"""Nobody sees, changes or notices another chain's rows: by the database's wall alone."""

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.tenancy import walls
from tests.rules.sweeping.sweep import PARTS, Sweep
from tests.rules.sweeping.walls import database_wall_alone


@pytest.mark.parametrize("part", range(PARTS))
def test_the_database_wall_is_enough_alone(app, database, world, part):
    with database_wall_alone(app):
        assert not event.contains(Session, "do_orm_execute", walls.restrict_statement)
        sweep = Sweep(app, database, world, behind_doors=True)
        sweep.run(part)
    assert not sweep.faults, "\n\n".join(sweep.faults)
    assert sweep.count > 300


def test_without_its_hook_the_session_adds_no_account_to_a_statement(app, world, scoped, statements):
    with database_wall_alone(app), scoped(world.pelmenya.account_id), statements() as counted:
        db.session.execute(select(Restaurant.id)).all()
    assert "WHERE" not in counted.statements[-1]
