"""iiko: connections, seats, runs and their plans, what is linked, pinned and mapped; legal entities."""

from alembic import op

from migrations.functions import load_functions
from migrations.steps import stepwise
from migrations.tables import Reference, drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

FUNCTIONS = {"touch_unless_read": "000119befff8"}
# Rows that iiko is read for: when that was is no change of theirs.
READ = ("legal_entity", "restaurant", "store")
MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
COUNT = "INTEGER NOT NULL DEFAULT 0"
IIKO = {
    "iiko_id": "VARCHAR",
    "iiko_sync_status": "VARCHAR",
    "iiko_last_synced_at": MOMENT,
    "iiko_sync_error": "VARCHAR",
}
CONNECTION = to("iiko_connection", on_delete="CASCADE")
RUN = to("iiko_run", on_delete="CASCADE")


def colleague() -> Reference:
    """A reference to whoever did something."""
    return to("user", required=False)


def upgrade() -> None:
    load_functions(op, *FUNCTIONS)
    # Each table in a transaction of its own: what it refers to is held for moments, and one after the other.
    with stepwise(op) as steps:
        for make in TABLES.values():
            steps.make(make)
        steps.add_columns("restaurant", ("code VARCHAR", "legal_entity_id UUID"))
        steps.add_columns("store", ("code VARCHAR",))
        for table in READ:
            steps.run(touch(table, "touch_unless_read"))
        steps.add_constraint(
            "restaurant",
            "restaurant_account_id_legal_entity_id_fkey",
            f"FOREIGN KEY (account_id, legal_entity_id) REFERENCES {S}.legal_entity(account_id, id)",
        )
        steps.build_index("ix_restaurant_legal_entity_id", "restaurant (account_id, legal_entity_id, name, id)")
        steps.build_index("ix_store_iiko_sync_status", "store (account_id, iiko_sync_status, name, id)")


def make_legal_entity() -> None:
    tenant_table(
        op,
        "legal_entity",
        columns={
            "name": "VARCHAR NOT NULL",
            "code": "VARCHAR",
            # ИНН and КПП: text, leading zeros count.
            "tax_id": "VARCHAR",
            "registration_code": "VARCHAR",
            **IIKO,
        },
        search=("name", "tax_id"),
        listed_by=("name",),
    )
    index("legal_entity_iiko_id", "legal_entity (iiko_id)")
    index("legal_entity_tax_id", "legal_entity (account_id, tax_id)")
    index("legal_entity_iiko_sync_status", "legal_entity (account_id, iiko_sync_status, name, id)")


def make_iiko_connection() -> None:
    tenant_table(
        op,
        "iiko_connection",
        columns={
            "integration_id": to("account_integration_credentials", on_delete="CASCADE"),
            "server_name": "VARCHAR",
            "server_type": "VARCHAR",
            "edition": "VARCHAR",
            "version": "VARCHAR",
            "timezone": "VARCHAR",
            "is_scheduled": "BOOLEAN NOT NULL DEFAULT true",
            "night_at": "TIME NOT NULL DEFAULT '04:00'",
            # SHA-256 in hexadecimal: of what the owner trusts, and of what the server showed last.
            "pinned_certificate": "VARCHAR(64)",
            "shown_certificate": "VARCHAR(64)",
            "needs_browser_agent": "BOOLEAN NOT NULL DEFAULT false",
            "corporation_id": "VARCHAR",
            "restaurants_seen": "INTEGER",
            "worked_at": MOMENT,
            "failures": "SMALLINT NOT NULL DEFAULT 0",
            "waits_for": "VARCHAR",
            "refused_on": "DATE",
            "refusals": "SMALLINT NOT NULL DEFAULT 0",
            "next_run_at": MOMENT,
        },
        archivable=False,
        constraints=(
            "UNIQUE (account_id, integration_id)",
            "CONSTRAINT iiko_connection_waits_for_check"
            " CHECK (waits_for IN ('password', 'licence', 'certificate', 'address'))",
        ),
        doors=("worker",),
    )
    index("iiko_connection_next_run_at", "iiko_connection (next_run_at) WHERE next_run_at IS NOT NULL")


def make_iiko_run() -> None:
    tenant_table(
        op,
        "iiko_run",
        columns={
            "connection_id": CONNECTION,
            "purpose": "VARCHAR NOT NULL",
            # Nobody: the schedule.
            "user_id": colleague(),
            "applied_by_id": colleague(),
            "state": "VARCHAR NOT NULL DEFAULT 'queued'",
            "kinds": "TEXT[] NOT NULL DEFAULT '{}'",
            "started_at": MOMENT,
            "read_at": MOMENT,
            "planned_at": MOMENT,
            "ended_at": MOMENT,
            "beat_at": MOMENT,
            "cancel_asked_at": MOMENT,
            "seat_opened_at": MOMENT,
            "seat_returned_at": MOMENT,
            "requests": COUNT,
            "bytes": "BIGINT NOT NULL DEFAULT 0",
            "restaurants_seen": "INTEGER",
            "failure": "VARCHAR",
            "details": "JSONB NOT NULL DEFAULT '{}'",
        },
        archivable=False,
        listed_by=("created_at",),
        constraints=(
            "CONSTRAINT iiko_run_purpose_check CHECK (purpose IN ('check', 'preview', 'schedule'))",
            "CONSTRAINT iiko_run_state_check CHECK (state IN ('queued', 'waiting', 'reading', 'comparing', 'planned',"
            " 'applying', 'done', 'failed', 'cancelled'))",
        ),
        doors=("worker",),
    )
    index(
        "iiko_run_unfinished",
        "iiko_run (beat_at) WHERE state IN ('queued', 'waiting', 'reading', 'comparing', 'applying')",
    )


def make_iiko_run_kind() -> None:
    tenant_table(
        op,
        "iiko_run_kind",
        columns={
            "run_id": RUN,
            "kind": "VARCHAR NOT NULL",
            "position": "SMALLINT NOT NULL",
            "state": "VARCHAR NOT NULL DEFAULT 'waits'",
            "bytes": "BIGINT NOT NULL DEFAULT 0",
            "rows": COUNT,
            "total": "INTEGER",
            "written": COUNT,
            **dict.fromkeys(("creates", "updates", "unchanged", "skips", "conflicts", "missing", "errors"), COUNT),
            "failure": "VARCHAR",
            "hold": "VARCHAR",
            "details": "JSONB NOT NULL DEFAULT '{}'",
            "confirmed_by_id": colleague(),
            "confirmed_at": MOMENT,
        },
        archivable=False,
        constraints=(
            "UNIQUE (run_id, kind)",
            "CONSTRAINT iiko_run_kind_state_check CHECK (state IN ('waits', 'reads', 'compares', 'planned', 'held',"
            " 'writes', 'done', 'failed', 'left_out'))",
        ),
    )


def make_iiko_session() -> None:
    tenant_table(
        op,
        "iiko_session",
        columns={
            "connection_id": CONNECTION,
            "run_id": to("iiko_run", required=False, on_delete="SET NULL (run_id)"),
            # SHA-256 of the server's address: accounts that name one server share its lock.
            "server_key": "VARCHAR(64) NOT NULL",
            "opened_at": f"{MOMENT} NOT NULL DEFAULT timezone('utc', clock_timestamp())",
            # Sealed; none: nobody knows whether a seat was taken.
            "token": "JSONB",
            "token_at": MOMENT,
            "closed_at": MOMENT,
            "outcome": "VARCHAR",
            "tries": "SMALLINT NOT NULL DEFAULT 0",
            "next_try_at": MOMENT,
            # After a time-out the server is left alone until then.
            "rests_until": MOMENT,
        },
        archivable=False,
        doors=("worker",),
    )
    index("iiko_session_open", "iiko_session (next_try_at) WHERE closed_at IS NULL")
    index("iiko_session_resting", "iiko_session (server_key, rests_until) WHERE rests_until IS NOT NULL")


def make_iiko_answer() -> None:
    tenant_table(
        op,
        "iiko_answer",
        columns={
            "run_id": RUN,
            "kind": "VARCHAR NOT NULL",
            "position": "INTEGER NOT NULL",
            # A packed and sealed piece of what the server answered; never shown.
            "body": "JSONB NOT NULL",
        },
        archivable=False,
        constraints=("UNIQUE (run_id, kind, position)",),
    )


def make_iiko_action() -> None:
    tenant_table(
        op,
        "iiko_action",
        columns={
            "run_id": RUN,
            "kind": "VARCHAR NOT NULL",
            "iiko_id": "VARCHAR",
            # Our row, of the kind's table.
            "entity_id": "UUID",
            "name": "VARCHAR NOT NULL DEFAULT ''",
            # The name as searches read it: of twenty thousand rows it is not made anew for each look.
            "searched": f"TEXT GENERATED ALWAYS AS ({S}.searched_text(name)) STORED",
            "word": "VARCHAR NOT NULL",
            # What is grave comes first.
            "rank": "SMALLINT NOT NULL DEFAULT 0",
            "reason": "VARCHAR",
            "details": "JSONB NOT NULL DEFAULT '{}'",
            # field: [ours, iiko's]
            "changes": "JSONB NOT NULL DEFAULT '{}'",
            # What iiko sends of the row, as our columns.
            "iiko_values": "JSONB NOT NULL DEFAULT '{}'",
            "row_hash": "VARCHAR(64)",
            "state": "VARCHAR NOT NULL DEFAULT 'planned'",
            "note": "JSONB",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT iiko_action_word_check"
            " CHECK (word IN ('create', 'update', 'skip', 'conflict', 'missing', 'error'))",
            "CONSTRAINT iiko_action_state_check CHECK (state IN ('planned', 'applied', 'left_out'))",
        ),
    )
    index("iiko_action_rank", "iiko_action (account_id, run_id, rank, name, id)")
    index("iiko_action_word", "iiko_action (account_id, run_id, word, rank, name, id)")
    index("iiko_action_kind", "iiko_action (account_id, run_id, kind, rank, name, id)")
    index("iiko_action_entity_id", "iiko_action (account_id, entity_id, created_at) WHERE entity_id IS NOT NULL")


def make_iiko_link() -> None:
    tenant_table(
        op,
        "iiko_link",
        columns={
            "connection_id": CONNECTION,
            "kind": "VARCHAR NOT NULL",
            "iiko_id": "VARCHAR NOT NULL",
            "entity_id": "UUID NOT NULL",
            # What iiko said last, as our columns, and its hash.
            "iiko_values": "JSONB NOT NULL DEFAULT '{}'",
            "hash": "VARCHAR(64)",
            "read_at": MOMENT,
            "missing_since": MOMENT,
            "user_id": colleague(),
        },
        archivable=False,
        constraints=("UNIQUE (account_id, kind, iiko_id)", "UNIQUE (account_id, kind, entity_id)"),
    )
    index("iiko_link_kind", "iiko_link (account_id, connection_id, kind, id)")
    index("iiko_link_missing", "iiko_link (account_id, connection_id, kind) WHERE missing_since IS NOT NULL")


def make_iiko_refusal() -> None:
    tenant_table(
        op,
        "iiko_refusal",
        columns={
            "connection_id": CONNECTION,
            "kind": "VARCHAR NOT NULL",
            "iiko_id": "VARCHAR NOT NULL",
            "entity_id": "UUID NOT NULL",
            "user_id": colleague(),
        },
        archivable=False,
        constraints=("UNIQUE (account_id, kind, iiko_id, entity_id)",),
    )


def make_iiko_pin() -> None:
    tenant_table(
        op,
        "iiko_pin",
        columns={
            "kind": "VARCHAR NOT NULL",
            "entity_id": "UUID NOT NULL",
            "field": "VARCHAR NOT NULL",
            "user_id": colleague(),
        },
        archivable=False,
        constraints=("UNIQUE (account_id, kind, entity_id, field)",),
    )


def make_iiko_node() -> None:
    tenant_table(
        op,
        "iiko_node",
        columns={
            "connection_id": CONNECTION,
            # A node of iiko's tree that has no department above it, and the restaurant that its stores belong to.
            "node_id": "VARCHAR NOT NULL",
            "name": "VARCHAR NOT NULL DEFAULT ''",
            "restaurant_id": to("restaurant", on_delete="CASCADE"),
            "user_id": colleague(),
        },
        archivable=False,
        constraints=("UNIQUE (connection_id, node_id)",),
    )


def touch(table: str, function: str) -> str:
    """The trigger that dates the changes of a table's rows."""
    return (
        f"CREATE OR REPLACE TRIGGER touch_updated_at BEFORE UPDATE ON {S}.{table}"
        f" FOR EACH ROW EXECUTE FUNCTION {S}.{function}()"
    )


def index(name: str, place: str) -> None:
    """An index beyond those of references and lists."""
    op.execute(f"CREATE INDEX IF NOT EXISTS ix_{name} ON {S}.{place}")


# In the order in which they refer to each other.
TABLES = {
    "legal_entity": make_legal_entity,
    "iiko_connection": make_iiko_connection,
    "iiko_run": make_iiko_run,
    "iiko_run_kind": make_iiko_run_kind,
    "iiko_session": make_iiko_session,
    "iiko_answer": make_iiko_answer,
    "iiko_action": make_iiko_action,
    "iiko_link": make_iiko_link,
    "iiko_refusal": make_iiko_refusal,
    "iiko_pin": make_iiko_pin,
    "iiko_node": make_iiko_node,
}


def downgrade() -> None:
    for table in READ:
        op.execute(touch(table, "touch_updated_at"))
    op.execute(f"ALTER TABLE {S}.restaurant DROP COLUMN code, DROP COLUMN legal_entity_id")
    op.execute(f"ALTER TABLE {S}.store DROP COLUMN code")
    op.execute(f"DROP INDEX {S}.ix_store_iiko_sync_status")
    for table in reversed(list(TABLES)):
        drop_tenant_table(op, table)
    op.execute(f"DROP FUNCTION {S}.touch_unless_read()")
