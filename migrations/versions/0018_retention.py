"""How long an account keeps things, how a guest is erased; searched texts that a trigger fills everywhere alike."""

from alembic import op

from migrations.functions import load_functions
from migrations.steps import Steps, stepwise
from migrations.tables import drop_tenant_table, tenant_table
from portal.db.base import SCHEMA as S

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
CURRENT_DOOR = "(SELECT current_setting('getinn.door', true))"
# What a trigger fills, and the argument of the one that copies it among the search entries.
SEARCHED = {
    "restaurant": ("name, address, phone, email", "'titled'"),
    "store": ("name, address", "'titled'"),
    "bot_dialog_state": ("platform_chat_id, current_step, collected_data, person", ""),
}
FILE_STATES = "'waiting', 'stored', 'refused', 'failed', 'removed'"
FORMER_FILE_STATES = "'waiting', 'stored', 'refused', 'failed'"
FUNCTIONS = {
    "fill_account_slug": "84f596cdf366",
    "fill_search_text": "45b36a5ee9da",
    "refuse_log_change": "b6b5d34c58f0",
    "keep_log_line": "cc9aac1b720c",
    "forget_log": "e8333cd61ba1",
    "erase_from_log": "88b109c94f21",
}


def upgrade() -> None:
    tenant_table(
        op,
        "retention_policy",
        columns={"conversation_months": "INTEGER", "file_months": "INTEGER", "log_months": "INTEGER"},
        archivable=False,
        constraints=(
            "UNIQUE (account_id)",
            "CONSTRAINT retention_policy_conversation_months_check CHECK (conversation_months BETWEEN 1 AND 240)",
            "CONSTRAINT retention_policy_file_months_check CHECK (file_months BETWEEN 1 AND 240)",
            "CONSTRAINT retention_policy_log_months_check CHECK (log_months BETWEEN 12 AND 240)",
        ),
    )
    load_functions(op, *FUNCTIONS)
    with stepwise(op) as steps:
        fill_searched(steps)
        keep_the_log(steps)
        allow_file_states(steps, FILE_STATES)
        steps.build_index("ix_bot_message_created_at", "bot_message(account_id, created_at)")
        steps.build_index("ix_bot_inbound_update_chat_id", "bot_inbound_update(account_id, chat_id)")
        steps.build_index("ix_user_plain_email", '"user"(lower(btrim(email)))')


def fill_searched(steps: Steps) -> None:
    """Let a trigger fill what was a generated column: changing that one would write its table anew."""
    for table, (columns, argument) in SEARCHED.items():
        steps.run(
            f"ALTER TABLE {S}.{table} ALTER search_text DROP EXPRESSION IF EXISTS",
            f"""
            CREATE OR REPLACE TRIGGER fill_search BEFORE INSERT OR UPDATE OF {columns} ON {S}.{table}
                FOR EACH ROW EXECUTE FUNCTION {S}.fill_search_text();
            CREATE OR REPLACE TRIGGER keep_search AFTER INSERT OR UPDATE ON {S}.{table}
                FOR EACH ROW WHEN (NEW.search_text IS NOT NULL) EXECUTE FUNCTION {S}.keep_search_entry({argument});
            """,
        )


def keep_the_log(steps: Steps) -> None:
    """Two functions alone open these doors; what else they may not do the triggers say."""
    condition = f"account_id = {CURRENT_ACCOUNT} AND {CURRENT_DOOR} = "
    steps.run(
        f"DROP POLICY IF EXISTS account_erases ON {S}.audit_event",
        f"DROP POLICY IF EXISTS account_forgets ON {S}.audit_event",
        f"CREATE POLICY account_erases ON {S}.audit_event FOR UPDATE USING ({condition}'erasure')"
        f" WITH CHECK ({condition}'erasure')",
        f"CREATE POLICY account_forgets ON {S}.audit_event FOR DELETE USING ({condition}'retention')",
        f"CREATE OR REPLACE TRIGGER keep_log_line BEFORE UPDATE OR DELETE ON {S}.audit_event"
        f" FOR EACH ROW EXECUTE FUNCTION {S}.keep_log_line()",
    )


def allow_file_states(steps: Steps, states: str) -> None:
    """Which states a message's file may have; the rows from before are looked at beside whoever writes."""
    name = "bot_message_file_state_check"
    steps.run(
        f"ALTER TABLE {S}.bot_message DROP CONSTRAINT IF EXISTS {name},"
        f" ADD CONSTRAINT {name} CHECK (file_state IN ({states})) NOT VALID"
    )
    steps.validate("bot_message", name)


def downgrade() -> None:
    op.execute(f"UPDATE {S}.bot_message SET file_state = NULL WHERE file_state = 'removed'")
    with stepwise(op) as steps:
        allow_file_states(steps, FORMER_FILE_STATES)
    drop_tenant_table(op, "retention_policy")
    for index in ("ix_bot_message_created_at", "ix_bot_inbound_update_chat_id", "ix_user_plain_email"):
        op.execute(f"DROP INDEX {S}.{index}")
    op.execute(f"DROP TRIGGER keep_log_line ON {S}.audit_event")
    for policy in ("account_erases", "account_forgets"):
        op.execute(f"DROP POLICY {policy} ON {S}.audit_event")
    for function in ("keep_log_line()", "forget_log(timestamp, integer)", "erase_from_log(uuid[], text)"):
        op.execute(f"DROP FUNCTION {S}.{function}")
