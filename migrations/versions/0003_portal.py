"""The portal's own columns and tables beside the seed's."""

from alembic import op

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

UNIQUE_INDEXES = {
    "uix_bot_platform_credential_bot_id_platform": (
        "bot_platform_credential(bot_id, platform) WHERE superseded_at IS NULL"
    ),
    "uix_bot_dialog_state_bot_id_platform_chat": (
        "bot_dialog_state(bot_id, platform, platform_chat_id) WHERE superseded_at IS NULL"
    ),
    "uix_bot_scenario_live": "bot_scenario(bot_id) WHERE is_live",
}


def upgrade() -> None:
    extend_accounts()
    extend_users()
    extend_bot_children()
    uuid = default_uuid()
    for table, columns in NEW_TABLES.items():
        op.execute(f"CREATE TABLE {S}.{table} (" + (COMMON + columns + DATES).format(s=S, uuid=uuid, role=ROLE) + ")")
    op.execute(
        f"CREATE TABLE {S}.sign_in_attempt (id INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
        " subject BYTEA NOT NULL, at TIMESTAMP WITHOUT TIME ZONE NOT NULL)"
    )
    op.execute(
        f'ALTER TABLE {S}.bot_scenario ADD FOREIGN KEY (account_id, author_id) REFERENCES {S}."user"(account_id, id)'
    )
    for name, place in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {S}.{place}")
    for name, place in UNIQUE_INDEXES.items():
        op.execute(f"CREATE UNIQUE INDEX {name} ON {S}.{place}")


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


def extend_accounts() -> None:
    op.execute(f"""
        ALTER TABLE {S}.account ADD slug VARCHAR, ADD is_operator BOOLEAN NOT NULL DEFAULT false;
        WITH slugs AS (
            SELECT id, name, {slug_of("name")} AS slug,
                row_number() OVER (PARTITION BY {slug_of("name")} ORDER BY created_at, id) AS place
            FROM {S}.account
        )
        UPDATE {S}.account a
        SET slug = CASE WHEN s.place = 1 AND s.slug <> '' AND s.slug NOT IN ('new', 'switcher', 'export')
            THEN s.slug ELSE concat_ws('-', coalesce(nullif(s.slug, ''), 'chain'), left(a.id::text, 8)) END
        FROM slugs s WHERE s.id = a.id;
        ALTER TABLE {S}.account ALTER slug SET NOT NULL, ADD UNIQUE (slug),
            ADD CONSTRAINT account_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{{0,58}}[a-z0-9])?$');
    """)


def slug_of(column: str) -> str:
    """SQL for the Latin letters, digits and hyphens of a name."""
    return f"trim(BOTH '-' FROM left(lower(regexp_replace({column}, '[^A-Za-z0-9]+', '-', 'g')), 40))"


def extend_users() -> None:
    op.execute(f"""
        ALTER TABLE {S}."user" ADD role VARCHAR, ADD locale VARCHAR, ADD timezone VARCHAR,
            ADD last_signed_in_at TIMESTAMP WITHOUT TIME ZONE, ADD UNIQUE (account_id, id);
        WITH first AS (
            SELECT DISTINCT ON (account_id) id FROM {S}."user" WHERE is_active AND NOT is_superuser
            ORDER BY account_id, created_at, id
        )
        UPDATE {S}."user" u
        SET role = CASE WHEN EXISTS (SELECT FROM first WHERE first.id = u.id) THEN 'owner' ELSE 'manager' END;
        ALTER TABLE {S}."user" ALTER role SET NOT NULL, ADD CONSTRAINT user_role_check {ROLE},
            ADD CONSTRAINT user_locale_check CHECK (locale IN ('en', 'ru'));
    """)


def extend_bot_children() -> None:
    op.execute(f"""
        ALTER TABLE {S}.restaurant ADD UNIQUE (account_id, id);
        ALTER TABLE {S}.bot_instance ADD UNIQUE (account_id, id);
        ALTER TABLE {S}.account_integration_credentials ADD UNIQUE (account_id, id);
    """)
    for table in BOT_CHILDREN:
        op.execute(f"""
            ALTER TABLE {S}.{table} ADD account_id UUID REFERENCES {S}.account(id);
            UPDATE {S}.{table} child SET account_id = bot.account_id
            FROM {S}.bot_instance bot WHERE bot.id = child.bot_id;
            ALTER TABLE {S}.{table} ALTER account_id SET NOT NULL,
                ADD FOREIGN KEY (account_id, bot_id) REFERENCES {S}.bot_instance(account_id, id);
        """)
    supersede("bot_platform_credential", "bot_id, platform", "is_active DESC, updated_at DESC, id")
    supersede("bot_dialog_state", "bot_id, platform, platform_chat_id", "last_interaction_at DESC, id")
    op.execute(f"""
        ALTER TABLE {S}.bot_platform_credential ADD UNIQUE (account_id, id);
        ALTER TABLE {S}.bot_dialog_state ADD UNIQUE (account_id, id);
        ALTER TABLE {S}.bot_scenario ADD number INTEGER, ADD source TEXT,
            ADD is_live BOOLEAN NOT NULL DEFAULT false,
            ADD published_at TIMESTAMP WITHOUT TIME ZONE, ADD author_id UUID;
        WITH numbered AS (
            SELECT id, row_number() OVER (PARTITION BY bot_id ORDER BY created_at, id) AS number,
                is_active AND row_number() OVER (
                    PARTITION BY bot_id ORDER BY is_active DESC, updated_at DESC, created_at DESC, id) = 1 AS is_live
            FROM {S}.bot_scenario
        )
        UPDATE {S}.bot_scenario s SET number = n.number, is_live = n.is_live FROM numbered n WHERE n.id = s.id;
        ALTER TABLE {S}.bot_scenario ALTER number SET NOT NULL, ADD UNIQUE (bot_id, number);
    """)


def supersede(table: str, key: str, newest_first: str) -> None:
    """Keep every row; of those that share a key all but the newest are marked."""
    op.execute(f"""
        ALTER TABLE {S}.{table} ADD superseded_at TIMESTAMP WITHOUT TIME ZONE;
        WITH ranked AS (
            SELECT id, row_number() OVER (PARTITION BY {key} ORDER BY {newest_first}) AS place FROM {S}.{table}
        )
        UPDATE {S}.{table} t SET superseded_at = timezone('utc', now())
        FROM ranked r WHERE r.id = t.id AND r.place > 1;
    """)


def downgrade() -> None:
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
