"""Synthetic data: one chain to look at among nine others that hold as much each."""

import hashlib
import uuid
from dataclasses import dataclass

import psycopg

from portal.db.base import SCHEMA

TOKEN = "bench-token-0123456789abcdef0123456789abcdef"
CHAINS = 10
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


def load(superuser_url: str, restaurants: int, dialogs: int) -> Bench:
    """Fill an empty, migrated database; ``restaurants`` and ``dialogs`` are those of the chain looked at."""
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as database:
        chains = [_chain(database, place, restaurants, dialogs) for place in range(CHAINS)]
        database.execute("VACUUM ANALYZE")
    return chains[0]


def _chain(database: psycopg.Connection, place: int, restaurants: int, dialogs: int) -> Bench:
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
        f"INSERT INTO {SCHEMA}.restaurant (account_id, name, address, phone, email, timezone, iiko_sync_status)"
        " SELECT %s, (%s::text[])[1 + n %% 15] || ' ' || substr(md5(n::text || %s), 1, 8),"
        " 'Street ' || n || ', ' || (%s::text[])[1 + (n * 7 / 3) %% 12], '+7 495 ' || lpad((n %% 10000000)::text, 7, '0'), 'r' || n || '@example.com',"
        " 'Europe/Moscow', CASE WHEN n %% 4 = 0 THEN 'failed' ELSE 'synced' END FROM generate_series(1, %s) n",
        (account, WORDS, slug, CITIES, restaurants),
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
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_dialog_state (bot_id, platform, platform_chat_id, current_step, collected_data,"
        " last_interaction_at) SELECT %s, 'telegram', (100000 + n)::text, 'step_' || n %% 12,"
        " jsonb_build_object('name', 'Person ' || n), now() - n * interval '1 minute' FROM generate_series(1, %s) n",
        (bot, dialogs),
    )
    row = database.execute(f"SELECT id FROM {SCHEMA}.restaurant WHERE account_id = %s LIMIT 1", (account,)).fetchone()
    return Bench(slug, account, bot, row[0])
