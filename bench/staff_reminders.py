"""``python -m bench.staff_reminders``: the daily round of papers that end, over one chain of 100 000 people.

Each person has two papers; a thirtieth of them ends on each of the next thirty days, and some have ended. Measured is
the time of the server's process and of this one: of a first round, and of one that finds nothing.
"""

import argparse
import time

import psutil
import psycopg
from sqlalchemy import text

from bench.serving import database
from portal.db.base import SCHEMA, db

_DATA = f"""
    INSERT INTO {SCHEMA}.account (id, name, slug) VALUES (md5('staff')::uuid, 'Large chain', 'large');
    INSERT INTO {SCHEMA}.restaurant (id, account_id, name, timezone)
        SELECT md5('r' || n)::uuid, md5('staff')::uuid, 'Restaurant ' || n,
            (ARRAY['Europe/Moscow', 'Asia/Vladivostok', 'Asia/Yekaterinburg', 'No/Zone'])[n %% 4 + 1]
        FROM generate_series(1, %(restaurants)s) n;
    INSERT INTO {SCHEMA}.document_type (id, account_id, code, name, months_valid, remind_days)
        SELECT md5('k' || n)::uuid, md5('staff')::uuid, 'kind_' || n, 'Kind ' || n, 12, ARRAY[30, 14, 7, 1]
        FROM generate_series(0, 1) n;
    INSERT INTO {SCHEMA}.staff_member (id, account_id, restaurant_id, name, status)
        SELECT md5('m' || n)::uuid, md5('staff')::uuid, md5('r' || n %% %(restaurants)s + 1)::uuid, 'Employee ' || n, 'active'
        FROM generate_series(1, %(people)s) n;
    INSERT INTO {SCHEMA}.staff_document
        (account_id, staff_member_id, document_type_id, state, expires_on, checked_at)
        SELECT md5('staff')::uuid, md5('m' || n)::uuid, md5('k' || k)::uuid, 'accepted',
            current_date - 10 + (n * 37 + k * 173) %% 365, timezone('utc', now()) - interval '200 days'
        FROM generate_series(1, %(people)s) n, generate_series(0, 1) k;
    ANALYZE;
"""


def main() -> None:
    """Print rounds: reminders, seconds of the database's processor, of ours, and in all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--restaurants", type=int, default=200)
    arguments = parser.parse_args()
    with database() as server:
        url = server.superuser_url("getinn").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
            connection.execute(_DATA, vars(arguments))
        _measure()


def _measure() -> None:
    from portal import create_app
    from portal.accounts.models import Account
    from portal.onboarding.paper_reminders import remind_in_turns
    from portal.tenancy.scope import system_scope

    with create_app().app_context():
        with system_scope("worker"):
            account_ids = [row.id for row in db.session.query(Account.id)]
        backend = psutil.Process(db.session.scalar(text("SELECT pg_backend_pid()")))
        db.session.commit()
        for called in ("first round", "again"):
            before, began, own = _used(backend), time.monotonic(), time.process_time()
            reminded = sum(remind_in_turns(account_ids).values())
            took = (_used(backend) - before, time.process_time() - own, time.monotonic() - began)
            print(
                f"{called}: {reminded} papers; database {took[0]:.2f} s, portal {took[1]:.2f} s, in all {took[2]:.2f} s"
            )


def _used(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:2])


if __name__ == "__main__":
    main()
