"""What a chain of ``bench.data`` holds beside restaurants, conversations and its log; and a superuser, who sees all chains."""

import hashlib
import uuid
from dataclasses import dataclass

import psycopg

from bench.data import SHARE, WORDS, Bench
from bench.supply_rows import fill_supply
from portal.db.base import SCHEMA

SUPERUSER_TOKEN = "bench-superuser-0123456789abcdef0123456789ab"
MOST_PEOPLE = 10_000
MESSAGES, UNDELIVERED = 200, 60
# Of each chain one in so many of the chain looked at; that one has all.
NUMBER = "CASE a.slug WHEN 'bench-0' THEN %(number)s ELSE %(number)s / 22 END"
STORES = f"""
    INSERT INTO {SCHEMA}.store (account_id, restaurant_id, name, kind, address)
    SELECT r.account_id, r.id, 'Store ' || r.name, CASE n %% 3 WHEN 0 THEN 'bar' ELSE 'kitchen' END, r.address
    FROM {SCHEMA}.account a CROSS JOIN LATERAL (
        SELECT r.*, row_number() OVER () AS n FROM {SCHEMA}.restaurant r WHERE r.account_id = a.id LIMIT {NUMBER}
    ) r
"""
PEOPLE = f"""
    INSERT INTO {SCHEMA}."user" (account_id, email, full_name, hashed_password, role)
    SELECT a.id, 'person' || n || '@' || a.slug || '.example', 'Person ' || n, '-',
        (ARRAY['manager', 'chef', 'viewer'])[1 + n %% 3]
    FROM {SCHEMA}.account a CROSS JOIN LATERAL generate_series(1, {NUMBER}) n
"""
POSITIONS = f"""
    INSERT INTO {SCHEMA}.staff_position (account_id, code, name)
    SELECT a.id, 'position' || n, 'Position ' || n FROM {SCHEMA}.account a CROSS JOIN generate_series(1, 12) n
"""
# As chains stand: most people are done, some have left, one in fifty has an open checklist, and a tenth of those are late.
STAFF = f"""
    INSERT INTO {SCHEMA}.staff_member (account_id, restaurant_id, position_id, name, phone, status, left_on,
        onboarding_status, starts_on, progress, next_due_on, papers_until, open_questions)
    SELECT a.id, CASE WHEN n %% 97 > 0 THEN r.ids[1 + n %% cardinality(r.ids)] END, p.id,
        (%(words)s::text[])[1 + n %% 15] || ' ' || substr(md5(n::text || a.id), 1, 8),
        '+79' || lpad(n::text, 9, '0'), CASE WHEN n %% 8 = 0 THEN 'left' WHEN n %% 33 = 0 THEN 'candidate' ELSE 'active' END,
        CASE WHEN n %% 8 = 0 THEN current_date - 40 END,
        CASE WHEN n %% 8 = 0 THEN 'terminated' WHEN n %% 33 = 0 THEN NULL WHEN n %% 50 = 1 THEN 'in_progress'
            ELSE 'completed' END,
        CASE WHEN n %% 33 > 0 THEN current_date + CASE WHEN n %% 50 = 1 THEN (n / 50 %% 20) - 9 ELSE -90 END END,
        CASE WHEN n %% 33 > 0 THEN CASE WHEN n %% 50 = 1 THEN n %% 100 ELSE 100 END END,
        CASE WHEN n %% 50 = 1 AND n %% 8 > 0 THEN current_date + CASE WHEN n %% 500 = 1 THEN -3 ELSE 5 END END,
        CASE WHEN n %% 3 = 0 THEN current_date + CASE WHEN n %% 900 = 0 THEN -9 WHEN n %% 60 = 0 THEN 12 ELSE 200 END END,
        CASE WHEN n %% 300 = 7 THEN 1 ELSE 0 END
    FROM {SCHEMA}.account a CROSS JOIN LATERAL (
        SELECT array_agg(x.id) AS ids FROM (SELECT id FROM {SCHEMA}.restaurant WHERE account_id = a.id LIMIT 40) x
    ) r CROSS JOIN LATERAL generate_series(1, {NUMBER}) n
    JOIN {SCHEMA}.staff_position p ON p.account_id = a.id AND p.code = 'position' || (1 + n %% 12)
"""
STAFF_CHATS = f"""
    INSERT INTO {SCHEMA}.staff_chat (account_id, staff_member_id, dialog_id, bot_id, platform, platform_chat_id)
    SELECT m.account_id, m.id, d.id, d.bot_id, d.platform, m.id::text
    FROM {SCHEMA}.staff_member m JOIN LATERAL (
        SELECT * FROM {SCHEMA}.bot_dialog_state d WHERE d.account_id = m.account_id LIMIT 1
    ) d ON true
    WHERE right(m.phone, 2) = '07'
"""
TALK = f"""
    INSERT INTO {SCHEMA}.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind, text, step_id,
        turn, state, created_at, updated_at, due_at)
    SELECT d.account_id, d.bot_id, c.id, d.id, 'out', 'bot', 'text', 'Message ' || n, 'step', n,
        CASE WHEN n <= {UNDELIVERED} THEN 'failed' ELSE 'delivered' END, now(), now(), now()
    FROM {SCHEMA}.bot_dialog_state d
    JOIN {SCHEMA}.bot_platform_credential c ON c.bot_id = d.bot_id AND c.platform = d.platform
    CROSS JOIN generate_series(1, {MESSAGES}) n
    WHERE d.id = %(dialog)s
"""


@dataclass(frozen=True)
class Rooms:
    """Values for the parameters of addresses, by name."""

    values: dict[str, str]


def fill_rooms(superuser_url: str, data: Bench, restaurants: int, papers: int) -> Rooms:
    """Fill them; both are numbers in the chain looked at, where a tenth of the restaurants have a store."""
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as database:
        dialog = _first(database, "bot_dialog_state", "bot_id", data.bot_id)
        database.execute(STORES, {"number": restaurants // SHARE})
        database.execute(PEOPLE, {"number": min(MOST_PEOPLE, restaurants // SHARE)})
        database.execute(POSITIONS)
        database.execute(STAFF, {"number": restaurants, "words": WORDS})
        database.execute(STAFF_CHATS)
        database.execute(TALK, {"dialog": dialog})
        fill_supply(database, papers)
        _add_superuser(database)
        database.execute("VACUUM ANALYZE")
        store = _first(database, "store", "account_id", data.account_id)
    named = {"account_slug": data.slug, "bot_id": data.bot_id, "dialog_id": dialog, "store_id": store}
    return Rooms({key: str(value) for key, value in named.items()})


def _first(database: psycopg.Connection, table: str, column: str, value: uuid.UUID) -> uuid.UUID:
    found = database.execute(
        f"SELECT id FROM {SCHEMA}.{table} WHERE {column} = %s ORDER BY created_at LIMIT 1", (value,)
    )
    return found.fetchone()[0]


def _add_superuser(database: psycopg.Connection) -> None:
    account, user = uuid.uuid4(), uuid.uuid4()
    database.execute(
        f"INSERT INTO {SCHEMA}.account (id, name, slug, is_operator) VALUES (%s, 'Operator', 'bench-operator', true)",
        (account,),
    )
    database.execute(
        f'INSERT INTO {SCHEMA}."user" (id, account_id, email, hashed_password, role, is_superuser)'
        " VALUES (%s, %s, 'root@bench.example', '-', 'owner', true)",
        (user, account),
    )
    database.execute(
        f"INSERT INTO {SCHEMA}.user_session (account_id, user_id, token_hash, expires_at, last_seen_at, confirmed_at)"
        " VALUES (%s, %s, %s, now() + interval '1 day', now() + interval '1 hour', now())",
        (account, user, hashlib.sha256(SUPERUSER_TOKEN.encode()).digest()),
    )
