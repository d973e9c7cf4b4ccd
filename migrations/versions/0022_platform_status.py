"""How platforms stand and since when, also for the list of all chains; chains in natural order; the log's changes."""

from alembic import op

from migrations.functions import load_functions
from migrations.steps import stepwise
from portal.db.base import SCHEMA as S

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
CURRENT_DOOR = "(SELECT current_setting('getinn.door', true))"
FUNCTIONS = {"stamp_connection": "b49f42860048", "natural_key": "e5f1f498a36e"}
FORMER_DOORS = {"bot_connection": ("worker",), "bot_scenario": ()}
# The superusers' list of chains tells how the platforms of each one stand.
DOORS = {"bot_connection": ("worker", "accounts"), "bot_scenario": ("accounts",)}
# The log without comings and goings, which are most of it.
CHANGES = {
    "ix_audit_event_changes": "account_id, at, id",
    "ix_audit_event_entity_changes": "account_id, entity, at, id",
    "ix_audit_event_entity_id_changes": "account_id, entity_id, at, id",
}


def upgrade() -> None:
    load_functions(op, *FUNCTIONS)
    with stepwise(op) as steps:
        steps.add_columns("bot_instance", (f"scenario_since {MOMENT}",))
        steps.add_columns(
            "bot_connection",
            (f"since {MOMENT}",),
            f"CREATE OR REPLACE TRIGGER stamp_connection BEFORE INSERT OR UPDATE OF state, problem ON {S}.bot_connection"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.stamp_connection()",
        )
        for table, doors in DOORS.items():
            steps.run(admission(table, doors))
        for name, columns in CHANGES.items():
            steps.build_index(name, f"audit_event({columns}) WHERE action NOT IN ('signed_in', 'signed_out')")
        steps.build_index("ix_account_natural_name", f"account({S}.natural_key(name), id)")


def admission(table: str, doors: tuple[str, ...]) -> str:
    """Change which doors a protected table admits."""
    condition = f"account_id = {CURRENT_ACCOUNT}"
    if doors:
        condition += f" OR {CURRENT_DOOR} = ANY ('{{{','.join(doors)}}}')"
    return f"ALTER POLICY account_rows ON {S}.{table} USING ({condition}) WITH CHECK ({condition})"


def downgrade() -> None:
    for name in (*CHANGES, "ix_account_natural_name"):
        op.execute(f"DROP INDEX {S}.{name}")
    op.execute(f"DROP FUNCTION {S}.natural_key(text)")
    for table, doors in FORMER_DOORS.items():
        op.execute(admission(table, doors))
    op.execute(f"DROP TRIGGER stamp_connection ON {S}.bot_connection")
    op.execute(f"DROP FUNCTION {S}.stamp_connection()")
    op.execute(f"ALTER TABLE {S}.bot_connection DROP since")
    op.execute(f"ALTER TABLE {S}.bot_instance DROP scenario_since")
