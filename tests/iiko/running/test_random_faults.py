"""Many runs over a server that fails in all the ways that are known, one seed at a time.

``IIKO_RUNS=1000 IIKO_SEED=7 bin/test tests/iiko/running/test_random_faults.py`` takes as long as that takes.
"""

import os
import random
from collections import Counter

import pytest

from portal.iiko.models import Purpose
from tests.fakes.iiko import Chain
from tests.fakes.iiko.faults import BODIES, STATUSES

RUNS = int(os.environ.get("IIKO_RUNS", "16"))
SEED = int(os.environ.get("IIKO_SEED", "1"))
ON = ["info", "auth", "departments", "departments", "stores", "stores", "logout", None]
# The bomb takes seconds to be made, and nothing here needs those: the client's own tests set it off.
FAULTS = [*STATUSES, *(set(BODIES) - {"bomb"}), "cut", "cut", "cut_accepted", "cut_accepted", "drip"]
TABLES = ("legal_entity", "restaurant", "store")


class Season:
    """Runs by chance, and what must hold after each of them."""

    def __init__(self, office, iiko, seed):
        self.office, self.iiko, self.random = office, iiko, random.Random(seed)
        self.states = Counter()
        self.names = {row.name for table in TABLES for row in self.rows(table)}
        self.number = 0

    def rows(self, table):
        """The chain's rows as iiko could change them; what the synchronisation says of itself apart."""
        columns = {"legal_entity": "tax_id", "restaurant": "legal_entity_id", "store": "restaurant_id"}[table]
        query = f"SELECT id, name, code, is_active, {columns} FROM getinn_ops.{table} WHERE account_id = %s ORDER BY id"
        return self.office.sql(query, [self.office.account_id])

    def snapshot(self):
        return {table: self.rows(table) for table in TABLES}

    def change_chain(self):
        """What happens at iiko between two runs."""
        chain, deed = self.iiko.chain, self.random.choice(["rename", "add", "remove", "nothing", "nothing"])
        self.number += 1
        if deed == "rename":
            chain.rename(self.random.choice(chain.departments), f"Кафе «Перемена {self.number}»")
        elif deed == "add":
            chain.add_store(f"Склад {self.number}", self.random.choice(chain.departments))
        elif deed == "remove" and len(chain.stores) > 4:
            chain.remove(self.random.choice(chain.stores))

    def break_server(self):
        self.iiko.faults.clear()
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            times = self.random.choice([1, 1, 2, None])
            self.iiko.faults.plan(self.random.choice(FAULTS), self.random.choice(ON), times, seconds=0.2)
        self.iiko.seats.taken_by_others = self.random.choice([0, 0, 0, self.iiko.seats.total])

    def run(self):
        """One run, and what must hold after it whatever it met."""
        self.change_chain()
        self.break_server()
        self.names |= {node.name for node in self.iiko.chain.nodes.values()}
        before = self.snapshot()
        purpose = self.random.choice([Purpose.PREVIEW, Purpose.SCHEDULE, Purpose.SCHEDULE, Purpose.CHECK])
        planned = [(f.name, f.on, f.times) for f in self.iiko.faults.planned]
        run = self.office.sync(purpose)
        self.iiko.faults.clear()
        self.states[run.state] += 1
        after = self.snapshot()
        assert (self.iiko.overlaps, self.iiko.leaks) == (0, 0)
        if len(self.iiko.seats.held) > len(self.office.sessions()):
            calls = [(call.name, call.status) for call in self.iiko.calls[-12:]]
            raise AssertionError(f"a seat was lost: {planned}, {calls}, {run.failure}")
        for table in TABLES:
            assert {row.id for row in before[table]} <= {row.id for row in after[table]}
            assert {row.name for row in after[table]} <= self.names
            assert all(row.is_active for row in after[table] if row not in before[table])
        if run.state != "done" or purpose is not Purpose.SCHEDULE:
            assert after == before
        if run.state == "waiting" or len(self.office.sessions()) > 1:
            self.pass_an_hour()

    def pass_an_hour(self):
        """Rests end, and seats of which nobody knows the token come free."""
        self.iiko.pass_time(minutes=61)
        for column in ("opened_at", "token_at", "next_try_at", "rests_until"):
            self.office.sql(f"UPDATE getinn_ops.iiko_session SET {column} = {column} - interval '61 minutes'")
        self.office.sql("UPDATE getinn_ops.iiko_run SET state = 'cancelled' WHERE state = 'waiting'")

    def heal(self):
        """The server is well again: one run makes all right, the next finds nothing to do."""
        self.iiko.faults.clear()
        self.iiko.seats.taken_by_others = 0
        self.pass_an_hour()
        healed = self.office.sync(Purpose.PREVIEW)
        for kind in self.office.kinds(healed.id).values():
            if kind.hold:
                self.office.confirm(kind.id)
        assert self.office.apply(healed.id).state == "done"
        again = self.office.kinds(self.office.sync().id).values()
        assert [(kind.creates, kind.updates, kind.errors) for kind in again] == [(0, 0, 0)] * len(again)
        assert (self.iiko.seats.held, self.office.sessions()) == ([], [])
        names = {row.name for row in self.rows("restaurant")}
        assert {node.name for node in self.iiko.chain.departments} <= names


@pytest.mark.parametrize("seed", [SEED])
def test_whatever_a_server_answers_no_seat_is_lost_and_no_row_is_deleted_or_spoiled(office, iiko, seed):
    iiko.seats.total, iiko.chain = 2, Chain.of_size(4)
    season = Season(office, iiko, seed)
    for _ in range(RUNS):
        season.run()
    season.heal()
    assert season.states["done"] > 0
    assert season.states["failed"] > 0
