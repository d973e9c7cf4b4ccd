"""Second factors, sign-ins half way, visits of one session, and who is limited to restaurants, said apart from the list.

Run again after a break it goes on where it stopped: what takes long is done in batches outside of the first transaction.
"""

from alembic import op
from sqlalchemy import text

from migrations.functions import load_functions
from migrations.steps import stepwise
from migrations.tables import drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FUNCTIONS = {"count_unread_notices": "d7d5e6876d08", "limit_person": "7b1f109fd8c3"}
MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
BATCH = 5000
FIRST_ID = "00000000-0000-0000-0000-000000000000"
KEY = "superuser_visit_session_id_fkey"

# Whoever has assignments was limited to them; by the key, so that each batch reads its own people alone.
LIMIT_BATCH = text(f"""
    WITH batch AS (SELECT id, account_id FROM {S}."user" WHERE id > :last ORDER BY id LIMIT {BATCH}),
    limited AS (
        UPDATE {S}."user" u SET restaurants_limited = true FROM batch
        WHERE u.id = batch.id AND NOT u.restaurants_limited AND EXISTS (
            SELECT FROM {S}.user_restaurant r WHERE r.account_id = batch.account_id AND r.user_id = batch.id
        )
    )
    SELECT max(id::text) FROM batch
""")


def upgrade() -> None:
    if not op.get_bind().execute(text(f"SELECT to_regclass('{S}.second_factor')")).scalar():
        add_columns()
        make_tables()
        load_functions(op, *FUNCTIONS)
        op.execute(
            f"CREATE TRIGGER limit_person AFTER INSERT ON {S}.user_restaurant"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.limit_person()"
        )
    with stepwise(op) as steps:
        steps.validate("superuser_visit", KEY)
        steps.build_index("ix_superuser_visit_session_id", "superuser_visit(session_id)")
        limit_people()


def add_columns() -> None:
    op.execute(f"""
        ALTER TABLE {S}.account ADD demands_second_factor BOOLEAN NOT NULL DEFAULT false;
        ALTER TABLE {S}."user" ADD second_factor_since {MOMENT},
            ADD restaurants_limited BOOLEAN NOT NULL DEFAULT false;
        ALTER TABLE {S}.user_session ADD factor_at {MOMENT}, ADD confirmed_at {MOMENT};
        ALTER TABLE {S}.superuser_visit ADD session_id UUID, ADD CONSTRAINT {KEY}
            FOREIGN KEY (session_id) REFERENCES {S}.user_session(id) ON DELETE SET NULL NOT VALID;
    """)


def make_tables() -> None:
    person = to("user", on_delete="CASCADE")
    tenant_table(
        op,
        "second_factor",
        columns={
            "user_id": person,
            "credentials": "JSONB NOT NULL DEFAULT '{}'",
            "app_since": MOMENT,
            "last_step": "BIGINT NOT NULL DEFAULT 0",
            "failures": "INTEGER NOT NULL DEFAULT 0",
            "wait_until": MOMENT,
        },
        archivable=False,
        constraints=("UNIQUE (account_id, user_id)",),
        doors=("accounts",),
    )
    tenant_table(
        op,
        "passkey",
        columns={
            "user_id": person,
            "name": "VARCHAR NOT NULL",
            "credential_id": "BYTEA NOT NULL UNIQUE",
            "public_key": "BYTEA NOT NULL",
            "sign_count": "BIGINT NOT NULL DEFAULT 0",
            "transports": "VARCHAR[] NOT NULL DEFAULT '{}'",
            "last_challenge_at": MOMENT,
            "last_used_at": MOMENT,
        },
        archivable=False,
        doors=("sign_in",),
    )
    tenant_table(
        op,
        "recovery_code",
        columns={"user_id": person, "prefix": "VARCHAR NOT NULL", "code_hash": "VARCHAR NOT NULL", "used_at": MOMENT},
        archivable=False,
        constraints=("UNIQUE (account_id, user_id, prefix)",),
    )
    tenant_table(
        op,
        "pending_sign_in",
        columns={"user_id": person, "token_hash": "BYTEA NOT NULL UNIQUE", "expires_at": f"{MOMENT} NOT NULL"},
        archivable=False,
        doors=("sign_in", "worker"),
    )


def limit_people() -> None:
    bind = op.get_bind()
    bind.execute(text("SELECT set_config('getinn.door', 'session', false)"))
    last = FIRST_ID
    while last:
        last = bind.execute(LIMIT_BATCH, {"last": last}).scalar()
    bind.execute(text("SELECT set_config('getinn.door', '', false)"))


def downgrade() -> None:
    op.execute(f"DROP TRIGGER limit_person ON {S}.user_restaurant")
    op.execute(f"DROP FUNCTION {S}.limit_person()")
    for table in ("pending_sign_in", "recovery_code", "passkey", "second_factor"):
        drop_tenant_table(op, table)
    op.execute(f"""
        ALTER TABLE {S}.superuser_visit DROP session_id;
        ALTER TABLE {S}.user_session DROP factor_at, DROP confirmed_at;
        ALTER TABLE {S}.account DROP demands_second_factor;
        ALTER TABLE {S}."user" DROP second_factor_since, DROP restaurants_limited;
    """)
