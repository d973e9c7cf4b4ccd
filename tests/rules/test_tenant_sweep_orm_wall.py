"""Nobody sees, changes or notices another chain's rows: by the ORM wall alone."""

from tests.rules.sweeping.sweep import Sweep
from tests.rules.sweeping.walls import BYPASSING_ROLE, orm_wall_alone


def test_the_orm_wall_is_enough_alone(config, server, database, world, superuser_sql):
    with orm_wall_alone(config, server) as app:
        [role] = superuser_sql("SELECT rolbypassrls FROM pg_roles WHERE rolname = %s", [BYPASSING_ROLE])
        assert role.rolbypassrls
        sweep = Sweep(app, database, world)
        sweep.run()
    assert not sweep.faults, "\n\n".join(sweep.faults)
