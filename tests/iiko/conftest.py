"""A chain with a server, and runs over it that read given rows."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.kinds import KINDS
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, KindState, Purpose, RunState
from portal.iiko.sync.applying import apply_kind
from portal.iiko.sync.kinds import KindReading, RowStream
from portal.iiko.sync.models import IikoAction, IikoLink, IikoPin
from portal.iiko.sync.planning import plan_or_fail, run_kind_of
from portal.restaurants.models import Restaurant

FACTS = {"departments": 3, "corporation_id": "corp"}


class Engine:
    """Runs over the server of one chain."""

    def __init__(self, chain):
        self.chain = chain
        self.connection_id = chain.id_of("iiko_connection")

    def run(self, *, facts=None, purpose=Purpose.PREVIEW, days=None, **rows):
        """A run that has read those rows of the kinds that are named, and planned them; documents of ``days``."""
        now = utc_now()
        kinds = [key for key in KINDS if key in rows]
        run = IikoRun(
            connection_id=self.connection_id, purpose=purpose, kinds=kinds, read_at=now, state=RunState.COMPARING
        )
        db.session.add(run)
        db.session.flush()
        for key in kinds:
            reading = KindReading(facts=facts or FACTS)
            plan_or_fail(run, KINDS[key], RowStream((rows[key],), reading, days if KINDS[key].is_dated else None))
        run.state, run.planned_at = RunState.PLANNED, now
        db.session.flush()
        return run

    def apply(self, run, *, only_safe=False, by=None):
        """Write what is planned, in the order of the kinds."""
        for key in run.kinds:
            apply_kind(run, self.kind(run, key), by=by, only_safe=only_safe)
        db.session.flush()
        return run

    def sync(self, **rows):
        """Read, plan and write."""
        return self.apply(self.run(**rows))

    def kind(self, run, key) -> IikoRunKind:
        """How a run stands with a kind."""
        return run_kind_of(run, KINDS[key])

    def actions(self, run, key=None):
        """The plan, by iiko's ids."""
        query = select(IikoAction).where(IikoAction.run_id == run.id)
        found = db.session.scalars(query if key is None else query.where(IikoAction.kind == key))
        return {action.iiko_id: action for action in found}

    def action(self, run, iiko_id):
        """What is planned of one row."""
        return self.actions(run)[iiko_id]

    def link(self, iiko_id):
        """The link of a row of iiko's."""
        return db.session.scalar(select(IikoLink).where(IikoLink.iiko_id == iiko_id))

    def restaurant(self, iiko_id):
        """The restaurant that is linked with a row, as it stands in the database."""
        return db.session.scalar(
            select(Restaurant).where(Restaurant.iiko_id == iiko_id).execution_options(populate_existing=True)
        )

    def kind_states(self, run):
        """The states of the run's kinds."""
        return {key: self.kind(run, key).state for key in run.kinds}


@pytest.fixture
def engine(world, scoped):
    """The engine of Pelmenya, with nothing linked yet, within its account."""
    with scoped(world.pelmenya.account_id), clean():
        yield Engine(world.pelmenya)


@contextmanager
def clean():
    """Without links and pins of the cast; whatever is written is rolled back."""
    for table in (IikoLink, IikoPin):
        db.session.execute(delete(table))
    try:
        yield
    finally:
        db.session.rollback()


@pytest.fixture
def connection(engine):
    """The server."""
    return db.session.get_one(IikoConnection, engine.connection_id)


__all__ = ["FACTS", "KindState", "timedelta"]
