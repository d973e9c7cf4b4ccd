"""The portal's own columns and tables beside the seed's."""

from collections.abc import Iterator
from typing import Any

from alembic import op
from psycopg.errors import UniqueViolation

from migrations.steps import BATCH, Steps, stepwise
from portal.db.base import SCHEMA as S

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BOT_CHILDREN = ("bot_platform_credential", "bot_scenario", "bot_dialog_state")

COMMON = """
    id UUID PRIMARY KEY DEFAULT {uuid},
    account_id UUID NOT NULL REFERENCES {s}.account(id),
"""
DATES = """,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
"""
ROLE = "CHECK (role IN ('owner', 'manager', 'chef', 'viewer'))"

NEW_TABLES = {
    "store": """
        restaurant_id UUID NOT NULL,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL DEFAULT 'kitchen' CONSTRAINT store_kind_check
            CHECK (kind IN ('kitchen', 'bar', 'warehouse', 'cold', 'household', 'other')),
        address TEXT,
        is_active BOOLEAN NOT NULL DEFAULT true,
        iiko_id VARCHAR,
        iiko_sync_status VARCHAR,
        iiko_last_synced_at TIMESTAMP WITHOUT TIME ZONE,
        iiko_sync_error VARCHAR,
        UNIQUE (account_id, id),
        FOREIGN KEY (account_id, restaurant_id) REFERENCES {s}.restaurant(account_id, id) ON DELETE RESTRICT
    """,
    "user_restaurant": """
        user_id UUID NOT NULL,
        restaurant_id UUID NOT NULL,
        UNIQUE (account_id, user_id, restaurant_id),
        FOREIGN KEY (account_id, user_id) REFERENCES {s}."user"(account_id, id) ON DELETE CASCADE,
        FOREIGN KEY (account_id, restaurant_id) REFERENCES {s}.restaurant(account_id, id) ON DELETE CASCADE
    """,
    "user_session": """
        user_id UUID NOT NULL,
        token_hash BYTEA NOT NULL UNIQUE,
        expires_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        last_seen_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        ip_address INET,
        user_agent VARCHAR,
        FOREIGN KEY (account_id, user_id) REFERENCES {s}."user"(account_id, id) ON DELETE CASCADE
    """,
    "password_reset": """
        user_id UUID NOT NULL,
        token_hash BYTEA NOT NULL UNIQUE,
        expires_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        used_at TIMESTAMP WITHOUT TIME ZONE,
        FOREIGN KEY (account_id, user_id) REFERENCES {s}."user"(account_id, id) ON DELETE CASCADE
    """,
    "invitation": """
        email VARCHAR NOT NULL,
        full_name VARCHAR,
        role VARCHAR NOT NULL CONSTRAINT invitation_role_check {role},
        restaurant_ids UUID[] NOT NULL DEFAULT '{{}}',
        token_hash BYTEA NOT NULL UNIQUE,
        invited_by_id UUID,
        expires_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        accepted_at TIMESTAMP WITHOUT TIME ZONE,
        revoked_at TIMESTAMP WITHOUT TIME ZONE,
        CONSTRAINT invitation_invited_by_fkey
            FOREIGN KEY (account_id, invited_by_id) REFERENCES {s}."user"(account_id, id)
    """,
    "superuser_visit": """
        user_id UUID NOT NULL REFERENCES {s}."user"(id) ON DELETE CASCADE,
        reason VARCHAR,
        started_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        last_seen_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITHOUT TIME ZONE
    """,
    "audit_event": """
        at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        action VARCHAR NOT NULL,
        entity VARCHAR NOT NULL,
        entity_id UUID,
        entity_label VARCHAR NOT NULL,
        actor_id UUID,
        actor_email VARCHAR,
        actor_name VARCHAR,
        as_superuser BOOLEAN NOT NULL,
        visit_id UUID,
        before JSONB,
        after JSONB,
        ip_address INET
    """,
}

INDEXES = {
    "ix_account_name": "account(name, id)",
    "ix_account_created_at": "account(created_at, id)",
    "ix_user_account_id": '"user"(account_id, is_active, email, id)',
    "ix_user_account_id_updated_at": '"user"(account_id, updated_at, id)',
    "ix_user_lower_email": '"user"(lower(email))',
    "ix_restaurant_account_id_name": "restaurant(account_id, name, id)",
    "ix_restaurant_account_id_is_active_name": "restaurant(account_id, is_active, name, id)",
    "ix_restaurant_account_id_is_active_updated_at": "restaurant(account_id, is_active, updated_at, id)",
    "ix_restaurant_account_id_iiko_sync_status": "restaurant(account_id, iiko_sync_status, name, id)",
    "ix_store_restaurant_id": "store(account_id, restaurant_id, name, id)",
    "ix_store_account_id_name": "store(account_id, name, id)",
    "ix_store_account_id_is_active_name": "store(account_id, is_active, name, id)",
    "ix_store_account_id_is_active_updated_at": "store(account_id, is_active, updated_at, id)",
    "ix_store_iiko_id": "store(iiko_id)",
    "ix_user_restaurant_restaurant_id": "user_restaurant(account_id, restaurant_id)",
    "ix_user_session_user_id": "user_session(account_id, user_id, last_seen_at)",
    "ix_password_reset_user_id": "password_reset(account_id, user_id)",
    "ix_invitation_account_id": "invitation(account_id, created_at, id)",
    "ix_invitation_invited_by": "invitation(account_id, invited_by_id)",
    "ix_superuser_visit_account_id": "superuser_visit(account_id, started_at)",
    "ix_superuser_visit_user_id": "superuser_visit(user_id, account_id)",
    "ix_bot_instance_account_id_name": "bot_instance(account_id, name, id)",
    "ix_bot_instance_account_id_is_active_name": "bot_instance(account_id, is_active, name, id)",
    "ix_bot_instance_account_id_is_active_updated_at": "bot_instance(account_id, is_active, updated_at, id)",
    "ix_bot_platform_credential_bot_id": "bot_platform_credential(account_id, bot_id)",
    "ix_bot_scenario_account_id": "bot_scenario(account_id, bot_id, number)",
    "ix_bot_scenario_author_id": "bot_scenario(account_id, author_id)",
    "ix_bot_dialog_state_account_id_last_interaction_at": "bot_dialog_state(account_id, last_interaction_at, id)",
    "ix_bot_dialog_state_account_id_bot_id": "bot_dialog_state(account_id, bot_id, last_interaction_at, id)",
    "ix_audit_event_account_id": "audit_event(account_id, at, id)",
    "ix_audit_event_entity": "audit_event(account_id, entity, at, id)",
    "ix_audit_event_entity_id": "audit_event(account_id, entity_id, at, id)",
    "ix_audit_event_action": "audit_event(account_id, action, at, id)",
    "ix_audit_event_actor_email": "audit_event(account_id, actor_email, at, id)",
    "ix_sign_in_attempt_subject": "sign_in_attempt(subject, at)",
    "ix_sign_in_attempt_at": "sign_in_attempt(at)",
}

# Of rows that share the key only one is in use (superseded_at).
UNIQUE_INDEXES = {
    "bot_platform_credential": (
        "uix_bot_platform_credential_bot_id_platform",
        "bot_platform_credential(bot_id, platform) WHERE superseded_at IS NULL",
    ),
    "bot_dialog_state": (
        "uix_bot_dialog_state_bot_id_platform_chat",
        "bot_dialog_state(bot_id, platform, platform_chat_id) WHERE superseded_at IS NULL",
    ),
}
# How often the rows that share a key are looked for, where older writers go on writing them.
ATTEMPTS = 20


def upgrade() -> None:
    with stepwise(op) as steps:
        extend_accounts(steps)
        extend_users(steps)
        for table in ("restaurant", "bot_instance", "account_integration_credentials"):
            steps.add_unique(table, "account_id", "id")
        for table in BOT_CHILDREN:
            extend_bot_child(steps, table)
        supersede(steps, "bot_platform_credential", "bot_id, platform", "is_active DESC, updated_at DESC, id")
        supersede(steps, "bot_dialog_state", "bot_id, platform, platform_chat_id", "last_interaction_at DESC, id")
        number_scenarios(steps)
        make_tables(steps)
        for name, place in INDEXES.items():
            steps.build_index(name, place)
        steps.build_index("uix_bot_scenario_live", "bot_scenario(bot_id) WHERE is_live", unique=True)


def make_tables(steps: Steps) -> None:
    uuid = default_uuid()
    for table, columns in NEW_TABLES.items():
        definition = (COMMON + columns + DATES).format(s=S, uuid=uuid, role=ROLE)
        steps.run(f"CREATE TABLE IF NOT EXISTS {S}.{table} ({definition})")
    steps.run(
        f"CREATE TABLE IF NOT EXISTS {S}.sign_in_attempt (id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
        " subject BYTEA NOT NULL, at TIMESTAMP WITHOUT TIME ZONE NOT NULL)"
    )


def default_uuid() -> str:
    """The default of the seed's keys, so that ours use the same function."""
    return (
        op.get_bind()
        .exec_driver_sql(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_attribute a"
            " ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
            f" WHERE d.adrelid = '{S}.account'::regclass AND a.attname = 'id'"
        )
        .scalar_one()
    )


def extend_accounts(steps: Steps) -> None:
    steps.add_columns(
        "account", ("slug VARCHAR", "is_operator BOOLEAN NOT NULL DEFAULT false"),
        f"""
            CREATE OR REPLACE FUNCTION {S}.fill_account_slug() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE base text := {slug_of("NEW.name")};
            BEGIN
                PERFORM pg_advisory_xact_lock(hashtextextended('account_slug' || base, 0));
                NEW.slug := nullif(base, '');
                IF base IN ('', 'new', 'switcher', 'export')
                    OR EXISTS (SELECT FROM {S}.account WHERE slug = base) THEN
                    NEW.slug := concat_ws('-', coalesce(nullif(base, ''), 'chain'), left(NEW.id::text, 8));
                END IF;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER fill_account_slug BEFORE INSERT ON {S}.account FOR EACH ROW
                WHEN (NEW.slug IS NULL) EXECUTE FUNCTION {S}.fill_account_slug();
        """,
    )  # fmt: skip
    steps.add_unique("account", "slug")
    fill_slugs(steps)
    steps.require("account", "slug")
    steps.add_constraint("account", "account_slug_check", "CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$')")


def fill_slugs(steps: Steps) -> None:
    """The oldest of a name gets the plain slug, whatever new accounts are made meanwhile."""
    lock = f"""
        SELECT pg_advisory_xact_lock(hashtextextended('account_slug' || base, 0)) FROM (
            SELECT DISTINCT {slug_of("name")} AS base FROM {S}.account WHERE id = ANY(%s) ORDER BY 1
        ) names
    """
    fill = f"""
        WITH slugs AS (
            SELECT id, {slug_of("name")} AS slug,
                row_number() OVER (PARTITION BY {slug_of("name")} ORDER BY created_at, id) AS place
            FROM {S}.account WHERE id = ANY(%s) AND slug IS NULL
        )
        UPDATE {S}.account a
        SET slug = CASE WHEN s.place = 1 AND s.slug <> '' AND s.slug NOT IN ('new', 'switcher', 'export')
            AND NOT EXISTS (SELECT FROM {S}.account taken WHERE taken.slug = s.slug)
            THEN s.slug ELSE concat_ws('-', coalesce(nullif(s.slug, ''), 'chain'), left(a.id::text, 8)) END
        FROM slugs s WHERE s.id = a.id
    """
    ids = steps.values(f"SELECT id FROM {S}.account WHERE slug IS NULL ORDER BY created_at, id")
    for batch in batched(ids):
        steps.run((lock, [batch]), (fill, [batch]))


def batched(values: list[Any]) -> Iterator[list[Any]]:
    """Some hundred at a time."""
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def slug_of(column: str) -> str:
    """SQL for the Latin letters, digits and hyphens of a name."""
    return f"trim(BOTH '-' FROM left(lower(regexp_replace({column}, '[^A-Za-z0-9]+', '-', 'g')), 40))"


def extend_users(steps: Steps) -> None:
    # While the roles are given out, whoever joins people that have none yet is no owner before them.
    steps.add_columns(
        "user",
        ("role VARCHAR", "locale VARCHAR", "timezone VARCHAR", "last_signed_in_at TIMESTAMP WITHOUT TIME ZONE"),
        f"""
            CREATE OR REPLACE FUNCTION {S}.fill_user_role() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.role := CASE WHEN EXISTS (
                    SELECT FROM {S}."user" WHERE account_id = NEW.account_id AND is_active
                        AND (role = 'owner' OR role IS NULL AND NOT is_superuser)
                ) THEN 'viewer' ELSE 'owner' END;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER fill_user_role BEFORE INSERT ON {S}."user" FOR EACH ROW
                WHEN (NEW.role IS NULL) EXECUTE FUNCTION {S}.fill_user_role();
        """,
    )
    steps.add_unique("user", "account_id", "id")
    steps.build_index("ix_user_account_id", INDEXES["ix_user_account_id"])
    steps.fill("user", "role", f"""CASE WHEN filled.is_active AND NOT filled.is_superuser AND NOT EXISTS (
        SELECT FROM {S}."user" other
        WHERE other.account_id = filled.account_id AND other.is_active AND NOT other.is_superuser
            AND (other.role = 'owner' OR (other.created_at, other.id) < (filled.created_at, filled.id))
    ) THEN 'owner' ELSE 'manager' END""")  # fmt: skip
    steps.require("user", "role")
    steps.add_constraint("user", "user_role_check", ROLE)
    steps.add_constraint("user", "user_locale_check", "CHECK (locale IN ('en', 'ru'))")


def extend_bot_child(steps: Steps, table: str) -> None:
    """The account of a bot's row, which a trigger fills for whoever does not know of it."""
    steps.add_columns(
        table, ("account_id UUID",),
        f"""
            CREATE OR REPLACE FUNCTION {S}.fill_bot_account() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'INSERT' AND NEW.account_id IS NULL
                    OR TG_OP = 'UPDATE' AND NEW.bot_id <> OLD.bot_id AND NEW.account_id = OLD.account_id THEN
                    SELECT account_id INTO NEW.account_id FROM {S}.bot_instance WHERE id = NEW.bot_id;
                END IF;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER fill_bot_account BEFORE INSERT OR UPDATE OF bot_id ON {S}.{table}
                FOR EACH ROW EXECUTE FUNCTION {S}.fill_bot_account();
        """,
    )  # fmt: skip
    steps.fill(table, "account_id", "bot.account_id", source=f"FROM {S}.bot_instance bot WHERE bot.id = filled.bot_id")
    steps.require(table, "account_id")
    steps.add_constraint(table, f"{table}_account_id_fkey", f"FOREIGN KEY (account_id) REFERENCES {S}.account(id)")
    steps.add_constraint(
        table,
        f"{table}_account_id_bot_id_fkey",
        f"FOREIGN KEY (account_id, bot_id) REFERENCES {S}.bot_instance(account_id, id)",
    )


def supersede(steps: Steps, table: str, key: str, newest_first: str) -> None:
    """Keep every row; of those that share a key all but the newest are marked, until the key holds."""
    steps.add_columns(table, ("superseded_at TIMESTAMP WITHOUT TIME ZONE",))
    doubled = f"""
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY {key} ORDER BY {newest_first}) AS place
            FROM {S}.{table} WHERE superseded_at IS NULL
        ) ranked WHERE place > 1
    """
    mark = f"UPDATE {S}.{table} SET superseded_at = timezone('utc', now()) WHERE id = ANY(%s)"
    name, place = UNIQUE_INDEXES[table]
    for attempt in range(ATTEMPTS):
        for batch in batched(steps.values(doubled)):
            steps.run((mark, [batch]))
        try:
            steps.build_index(name, place, unique=True)
            break
        except UniqueViolation:  # somebody wrote another one meanwhile
            if attempt == ATTEMPTS - 1:
                raise
    steps.add_unique(table, "account_id", "id")


def number_scenarios(steps: Steps) -> None:
    # Numbers of new rows begin after those that the rows from before are about to get.
    steps.add_columns(
        "bot_scenario",
        (
            "number INTEGER", "source TEXT", "is_live BOOLEAN NOT NULL DEFAULT false",
            "published_at TIMESTAMP WITHOUT TIME ZONE", "author_id UUID",
        ),
        f"""
            CREATE OR REPLACE FUNCTION {S}.number_scenario() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock(hashtextextended('number_scenario' || NEW.bot_id::text, 0));
                SELECT greatest(coalesce(max(number), 0), count(*) FILTER (WHERE number IS NULL)) + 1
                INTO NEW.number FROM {S}.bot_scenario WHERE bot_id = NEW.bot_id;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER number_scenario BEFORE INSERT ON {S}.bot_scenario FOR EACH ROW
                WHEN (NEW.number IS NULL) EXECUTE FUNCTION {S}.number_scenario();
        """,
    )  # fmt: skip
    lock = (
        "SELECT pg_advisory_xact_lock(hashtextextended('number_scenario' || bot, 0))"
        " FROM (SELECT unnest(%s::uuid[])::text AS bot ORDER BY 1) bots"
    )
    number = f"""
        WITH numbered AS (
            SELECT id, row_number() OVER (PARTITION BY bot_id ORDER BY created_at, id) AS number,
                is_active AND row_number() OVER (
                    PARTITION BY bot_id ORDER BY is_active DESC, updated_at DESC, created_at DESC, id) = 1 AS is_live
            FROM {S}.bot_scenario WHERE bot_id = ANY(%s) AND number IS NULL
        )
        UPDATE {S}.bot_scenario s SET number = n.number, is_live = n.is_live FROM numbered n WHERE n.id = s.id
    """
    bots = steps.values(f"SELECT DISTINCT bot_id FROM {S}.bot_scenario WHERE number IS NULL ORDER BY bot_id")
    for batch in batched(bots):
        steps.run((lock, [batch]), (number, [batch]))
    steps.require("bot_scenario", "number")
    steps.add_unique("bot_scenario", "bot_id", "number")
    steps.add_constraint(
        "bot_scenario",
        "bot_scenario_account_id_author_id_fkey",
        f'FOREIGN KEY (account_id, author_id) REFERENCES {S}."user"(account_id, id)',
    )


def downgrade() -> None:
    for function in ("number_scenario", "fill_bot_account", "fill_user_role", "fill_account_slug"):
        op.execute(f"DROP FUNCTION IF EXISTS {S}.{function} CASCADE")
    op.execute(f"""
        ALTER TABLE {S}.bot_scenario DROP number, DROP source, DROP is_live, DROP published_at, DROP author_id;
        DROP TABLE {S}.sign_in_attempt;
    """)
    for table in reversed(NEW_TABLES):
        op.execute(f"DROP TABLE {S}.{table}")
    for table in BOT_CHILDREN:
        op.execute(f"ALTER TABLE {S}.{table} DROP account_id")
    for table in ("bot_platform_credential", "bot_dialog_state"):
        op.execute(f"ALTER TABLE {S}.{table} DROP superseded_at")
    for name, place in INDEXES.items():
        if name not in ("ix_sign_in_attempt_subject", "ix_sign_in_attempt_at"):
            op.execute(f"DROP INDEX IF EXISTS {S}.{name}")
    for table in ('"user"', "restaurant", "bot_instance", "account_integration_credentials"):
        name = table.strip('"')
        op.execute(f"ALTER TABLE {S}.{table} DROP CONSTRAINT {name}_account_id_id_key")
    op.execute(f"""
        ALTER TABLE {S}."user" DROP role, DROP locale, DROP timezone, DROP last_signed_in_at;
        ALTER TABLE {S}.account DROP slug, DROP is_operator;
    """)
