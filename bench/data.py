"""Synthetic data: one chain to look at, and others that share the rest unequally with it.

The chain looked at holds a tenth of all rows, 199 others share the rest: a plan made for the average chain is then a
bad one for it. Equal chains would hide that.
"""

import hashlib
import uuid
from dataclasses import dataclass

import psycopg

from portal.db.base import SCHEMA

TOKEN = "bench-token-0123456789abcdef0123456789abcdef"
CHAINS = 200
# What the chain looked at holds of all rows.
SHARE = 10
CITIES = "Moscow Kazan Samara Perm Ufa Omsk Tomsk Tula Kursk Orel Chita Vologda".split()
WORDS = [
    "Borscht",
    "Pelmen",
    "Vareniki",
    "Kasha",
    "Blin",
    "Okroshka",
    "Pirog",
    "Kvass",
    "Ukha",
    "Syrniki",
    "Forel",
    "Grib",
    "Tykva",
    "Malina",
    "Klyukva",
]


@dataclass(frozen=True)
class Bench:
    """What the requests need: the account looked at, a bot of it and a restaurant."""

    slug: str
    account_id: uuid.UUID
    bot_id: uuid.UUID
    restaurant_id: uuid.UUID


def load(superuser_url: str, restaurants: int, dialogs: int, lines: int = 0) -> Bench:
    """Fill an empty, migrated database; the numbers are those of the chain looked at (``lines`` of the audit log)."""
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as database:
        chains = [_chain(database, place) for place in range(CHAINS)]
        _rows(database, chains[:1], restaurants, dialogs, lines)
        each = [-(-number * (SHARE - 1) // (CHAINS - 1)) for number in (restaurants, dialogs, lines)]
        _rows(database, chains[1:], *each)
        database.execute("VACUUM ANALYZE")
        account, bot = chains[0]
        row = database.execute(
            f"SELECT id FROM {SCHEMA}.restaurant WHERE account_id = %s LIMIT 1", (account,)
        ).fetchone()
    return Bench("bench-0", account, bot, row[0])


def _chain(database: psycopg.Connection, place: int) -> tuple[uuid.UUID, uuid.UUID]:
    """A chain with its owner, who is signed in, and a bot with a platform."""
    account, user, bot = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    slug = f"bench-{place}"
    database.execute(f"INSERT INTO {SCHEMA}.account (id, name, slug) VALUES (%s, %s, %s)", (account, slug, slug))
    database.execute(
        f"INSERT INTO {SCHEMA}.\"user\" (id, account_id, email, hashed_password, role) VALUES (%s, %s, %s, '-', 'owner')",
        (user, account, f"owner@{slug}.example"),
    )
    token = hashlib.sha256((TOKEN if place == 0 else slug).encode()).digest()
    database.execute(
        f"INSERT INTO {SCHEMA}.user_session (account_id, user_id, token_hash, expires_at, last_seen_at)"
        " VALUES (%s, %s, %s, now() + interval '1 day', now() + interval '1 hour')",
        (account, user, token),
    )
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_instance (id, account_id, name) VALUES (%s, %s, 'Bench bot')",
        (bot, account),
    )
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_platform_credential (bot_id, platform, credentials)"
        " VALUES (%s, 'telegram', '{\"token\": \"1234567:bench\"}')",
        (bot,),
    )
    return account, bot


def _rows(
    database: psycopg.Connection, chains: list[tuple[uuid.UUID, uuid.UUID]], restaurants: int, dialogs: int, lines: int
) -> None:
    """So many rows in each of the chains."""
    accounts, bots = [account for account, _ in chains], [bot for _, bot in chains]
    database.execute(
        f"INSERT INTO {SCHEMA}.restaurant (account_id, name, address, phone, email, timezone, iiko_sync_status)"
        " SELECT account, (%s::text[])[1 + n %% 15] || ' ' || substr(md5(n::text || account), 1, 8),"
        " 'Street ' || n || ', ' || (%s::text[])[1 + (n * 7 / 3) %% 12], '+7 495 ' || lpad((n %% 10000000)::text, 7, '0'), 'r' || n || '@example.com',"
        " 'Europe/Moscow', CASE WHEN n %% 4 = 0 THEN 'failed' ELSE 'synced' END"
        " FROM generate_series(1, %s) n, unnest(%s::uuid[]) account",
        (WORDS, CITIES, restaurants, accounts),
    )
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_dialog_state (bot_id, platform, platform_chat_id, current_step, collected_data,"
        " last_interaction_at) SELECT bot, 'telegram', (100000 + n)::text, 'step_' || n %% 12,"
        " jsonb_build_object('name', 'Person ' || n), now() - n * interval '1 minute'"
        " FROM generate_series(1, %s) n, unnest(%s::uuid[]) bot",
        (dialogs, bots),
    )
    database.execute(
        f"INSERT INTO {SCHEMA}.audit_event (account_id, at, action, entity, entity_label, actor_email, as_superuser)"
        " SELECT account, now() - n * interval '1 minute', CASE WHEN n %% 5 = 0 THEN 'created' ELSE 'edited' END,"
        " 'restaurant', (%s::text[])[1 + n %% 15] || ' ' || substr(md5(n::text || account), 1, 8),"
        " 'person' || n %% 20 || '@example.com', false FROM generate_series(1, %s) n, unnest(%s::uuid[]) account",
        (WORDS, lines, accounts),
    )
