"""A chain whose staff begins with nobody, and people to hire in it."""

import pytest

from portal.db.base import SCHEMA, db
from portal.staff.models import StaffMember


@pytest.fixture
def chain(world, scoped, superuser_sql):
    """The first chain, entered, without anything that the cast's staff has; its restaurants keep Moscow's time."""
    for table in ("onboarding_step", "staff_intake", "staff_onboarding", "onboarding_template"):
        superuser_sql(f"DELETE FROM {SCHEMA}.{table}")
    superuser_sql(f"UPDATE {SCHEMA}.restaurant SET timezone = 'Europe/Moscow'")
    with scoped(world.pelmenya.account_id):
        yield world.pelmenya
        db.session.rollback()


@pytest.fixture
def person(chain):
    """``person(position_id=…)`` is somebody new of the first restaurant."""

    def add(**columns):
        member = StaffMember(**{"name": "Анна Смирнова", "restaurant_id": chain.restaurant_id, **columns})
        db.session.add(member)
        db.session.flush()
        return member

    return add
