"""Nobody sees, changes or notices another chain's rows: by the ORM wall alone."""

import pytest
from sqlalchemy import text

from portal.db.base import SCHEMA, db
from tests.rules.sweeping.sweep import PARTS, Sweep
from tests.rules.sweeping.walls import orm_wall_alone


@pytest.mark.parametrize("part", range(PARTS))
def test_the_orm_wall_is_enough_alone(bypassing_app, database, world, part):
    with orm_wall_alone(bypassing_app):
        sweep = Sweep(bypassing_app, database, world, behind_doors=True)
        sweep.run(part)
    assert not sweep.faults, "\n\n".join(sweep.faults)
    assert sweep.count > 300


def test_row_security_does_not_bind_the_role_it_was_asked_with(bypassing_app, world):
    with bypassing_app.app_context():
        count = db.session.scalar(text(f"SELECT count(DISTINCT account_id) FROM {SCHEMA}.restaurant"))
    assert count == 2
