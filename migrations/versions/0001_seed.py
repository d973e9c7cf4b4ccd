"""The seed's tables, or the adoption of a database that holds them already."""

import sqlalchemy as sa
from alembic import op

from migrations.steps import stepwise
from portal.db.base import SCHEMA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Kept in the schema's comment, where autogenerate does not look.
ADOPTED = "Older than the portal, never dropped by it: "

TABLES = {
    "account": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        name VARCHAR NOT NULL,
        description TEXT,
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
    """,
    "user": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        email VARCHAR NOT NULL UNIQUE,
        hashed_password VARCHAR NOT NULL,
        full_name VARCHAR,
        account_id UUID NOT NULL REFERENCES {schema}.account(id),
        is_active BOOLEAN NOT NULL DEFAULT true,
        is_superuser BOOLEAN NOT NULL DEFAULT false,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
    """,
    "restaurant": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        account_id UUID NOT NULL REFERENCES {schema}.account(id),
        name VARCHAR NOT NULL,
        address TEXT,
        phone VARCHAR,
        email VARCHAR,
        timezone VARCHAR,
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        iiko_id VARCHAR,
        iiko_sync_status VARCHAR,
        iiko_last_synced_at TIMESTAMP WITHOUT TIME ZONE,
        iiko_sync_error VARCHAR
    """,
    "bot_instance": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        account_id UUID NOT NULL REFERENCES {schema}.account(id),
        name VARCHAR NOT NULL,
        description TEXT,
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
    """,
    "bot_platform_credential": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        bot_id UUID NOT NULL REFERENCES {schema}.bot_instance(id),
        platform VARCHAR NOT NULL,
        credentials JSONB NOT NULL,
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
    """,
    "bot_scenario": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        bot_id UUID NOT NULL REFERENCES {schema}.bot_instance(id),
        name VARCHAR NOT NULL,
        description TEXT,
        scenario_data JSONB NOT NULL,
        version VARCHAR NOT NULL,
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
    """,
    "bot_dialog_state": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        bot_id UUID NOT NULL REFERENCES {schema}.bot_instance(id),
        platform VARCHAR NOT NULL,
        platform_chat_id VARCHAR NOT NULL,
        current_step VARCHAR NOT NULL,
        collected_data JSONB NOT NULL DEFAULT '{{}}',
        last_interaction_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
    """,
    "account_integration_credentials": """
        id UUID PRIMARY KEY DEFAULT {uuid}(),
        account_id UUID NOT NULL REFERENCES {schema}.account(id),
        integration_type VARCHAR NOT NULL,
        credentials JSONB NOT NULL,
        base_url VARCHAR,
        is_active BOOLEAN NOT NULL DEFAULT true,
        created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
        last_connected_at TIMESTAMP WITHOUT TIME ZONE,
        connection_status VARCHAR,
        connection_error VARCHAR,
        CONSTRAINT uix_account_integration_type UNIQUE (account_id, integration_type)
    """,
}

INDEXES = {
    "ix_bot_dialog_state_bot_id": "bot_dialog_state(bot_id)",
    "ix_bot_dialog_state_platform_chat_id": "bot_dialog_state(platform_chat_id)",
    "ix_restaurant_iiko_id": "restaurant(iiko_id)",
}


def upgrade() -> None:
    present = set(sa.inspect(op.get_bind()).get_table_names(schema=SCHEMA)) & set(TABLES)
    refuse_unlike(present)
    uuid = uuid_function()
    for table, columns in TABLES.items():
        if table not in present:
            op.execute(f'CREATE TABLE {SCHEMA}."{table}" ({columns.format(schema=SCHEMA, uuid=uuid)})')
    # Run again after an interruption, it finds its own tables too: what the first run noted stays.
    if present and not schema_comment().startswith(ADOPTED):
        op.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{ADOPTED}{' '.join(sorted(present))}'")
    for index, place in INDEXES.items():
        if place.split("(")[0] not in present:
            op.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {SCHEMA}.{place}")
    if present:
        with stepwise(op) as steps:
            for index, place in INDEXES.items():
                steps.build_index(index, place)


def downgrade() -> None:
    adopted = adopted_names()
    for table in reversed(TABLES):
        if table not in adopted:
            op.execute(f'DROP TABLE {SCHEMA}."{table}"')
    if not adopted:
        op.execute(f"DROP FUNCTION IF EXISTS {SCHEMA}.uuid_generate_v4()")


def adopted_names() -> set[str]:
    """The tables and columns that were there before the portal; they and their rows are never dropped."""
    comment = schema_comment()
    return set(comment.removeprefix(ADOPTED).split()) if comment.startswith(ADOPTED) else set()


def schema_comment() -> str:
    """What was noted as older than the portal."""
    found = sa.text("SELECT obj_description(to_regnamespace(:schema), 'pg_namespace')")
    return op.get_bind().scalar(found, {"schema": SCHEMA}) or ""


def refuse_unlike(present: set[str]) -> None:
    """Stop before anything is touched where a table to adopt lacks a column of the seed."""
    inspector = sa.inspect(op.get_bind())
    for table in sorted(present):
        wanted = {line.split()[0] for line in TABLES[table].strip().splitlines()} - {"CONSTRAINT"}
        missing = wanted - {column["name"] for column in inspector.get_columns(table, schema=SCHEMA)}
        if missing:
            raise RuntimeError(f"{SCHEMA}.{table} is not the table we know: it lacks {', '.join(sorted(missing))}.")


def uuid_function() -> str:
    """The qualified name of ``uuid_generate_v4``: the extension's, or one of our own where it is missing."""
    bind = op.get_bind()
    available = bind.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'uuid-ossp'"))
    if available and not find_uuid_function():
        bind.execute(sa.text("SAVEPOINT extension"))
        try:
            bind.execute(sa.text('CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA public'))
        except sa.exc.DBAPIError:
            bind.execute(sa.text("ROLLBACK TO SAVEPOINT extension"))
    if found := find_uuid_function():
        return found
    op.execute(
        f"CREATE FUNCTION {SCHEMA}.uuid_generate_v4() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE"
        " AS 'SELECT pg_catalog.gen_random_uuid()'"
    )
    return f"{SCHEMA}.uuid_generate_v4"


def find_uuid_function() -> str | None:
    """The schema-qualified name of an existing function, the extension's first."""
    return op.get_bind().scalar(
        sa.text(
            "SELECT quote_ident(n.nspname) || '.uuid_generate_v4'"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.proname = 'uuid_generate_v4' AND p.pronargs = 0"
            " ORDER BY n.nspname = 'public' DESC, n.nspname = :schema DESC LIMIT 1"
        ),
        {"schema": SCHEMA},
    )
