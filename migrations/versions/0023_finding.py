"""Searched texts in which е is ё and numbers are their digits, of all that is searched; activity counted as it happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from alembic import op

from migrations.functions import load_functions
from migrations.steps import BATCH, Steps, stepwise
from migrations.tables import CURRENT_ACCOUNT, CURRENT_DOOR, drop_tenant_table, tenant_table
from portal.db.base import SCHEMA as S

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "searched_text": "eb4f27264a82",
    "searched_answers": "e31d1ce648e9",
    "keep_searched": "7690c2dc4ddb",
    "search_ids": "fc2112978b31",
    "count_dialog_activity": "db53c7988d0a",
}
# Of each table the columns that its entries are made of, and whether the first one is their title.
SEARCHED = {
    "account": (("name", "slug", "description"), False),
    "restaurant": (("name", "address", "phone", "email"), True),
    "store": (("name", "address"), True),
    "bot_dialog_state": (("platform_chat_id", "current_step", "collected_data", "person"), False),
    "user": (("full_name", "email"), False),
    "bot_instance": (("name", "description"), True),
    "bot_scenario": (("name", "version", "description"), True),
    "bot_media": (("name", "key"), True),
    "audit_event": (("entity_label",), False),
}
DIALOG_PARTS = f"t.person->>'name', t.person->>'username', t.platform_chat_id, t.current_step, {S}.searched_answers(t.collected_data)"
# Those that had entries before 0023, and the argument of the trigger that kept them.
FORMERLY_SEARCHED = {"restaurant": "'titled'", "store": "'titled'", "bot_dialog_state": ""}
LARGE = ("restaurant", "store", "bot_dialog_state", "user", "bot_media", "audit_event")
# In the order of the lists, for each filter that few rows may fit.
INDEXES = {
    "ix_bot_dialog_state_current_step": "bot_dialog_state(account_id, bot_id, current_step, last_interaction_at, id)",
    "ix_bot_dialog_state_state": "bot_dialog_state(account_id, state, last_interaction_at, id)",
    "ix_bot_dialog_state_platform": "bot_dialog_state(account_id, platform, last_interaction_at, id)",
    "ix_restaurant_iiko_sync_status": "restaurant(account_id, iiko_sync_status, updated_at, id)",
    "ix_store_kind": "store(account_id, kind, name, id)",
}
# Of these one account may have far more rows than others, and lists read them.
UNEQUAL = ("restaurant", "store", "bot_dialog_state", "user", "audit_event")
HAS_EXTENSION = "SELECT true FROM pg_extension WHERE extname = %s"
DOOR = "filling"
# What others counted meanwhile and this statement sees is part of what it counts, and what it does not see stays.
COUNT_ACTIVITY = f"""
    WITH counted AS (DELETE FROM {S}.dialog_activity)
    INSERT INTO {S}.dialog_activity (account_id, quarter, change)
    SELECT account_id, date_bin('15 minutes', last_interaction_at, '2000-01-01') AS quarter, count(*)
    FROM {S}.bot_dialog_state
    WHERE superseded_at IS NULL
    GROUP BY 1, 2
"""


def upgrade() -> None:
    load_functions(op, *FUNCTIONS)
    tenant_table(
        op,
        "dialog_activity",
        columns={"quarter": "TIMESTAMP WITHOUT TIME ZONE NOT NULL", "change": "INTEGER NOT NULL"},
        archivable=False,
        doors=("activity",),
    )
    op.execute(
        f"CREATE INDEX IF NOT EXISTS ix_dialog_activity_quarter ON {S}.dialog_activity(account_id, quarter) INCLUDE (change)"
    )
    # A trigger writes its rows, so a program that knows nothing of them can still delete its chain.
    key = "dialog_activity_account_id_fkey"
    op.execute(
        f"ALTER TABLE {S}.dialog_activity DROP CONSTRAINT IF EXISTS {key}, ADD CONSTRAINT {key}"
        f" FOREIGN KEY (account_id) REFERENCES {S}.account(id) ON DELETE CASCADE"
    )
    with stepwise(op) as steps:
        for table, (columns, _titled) in SEARCHED.items():
            steps.run(*searching(table, columns))
        steps.run(
            f"CREATE OR REPLACE TRIGGER count_activity"
            f" AFTER INSERT OR DELETE OR UPDATE OF last_interaction_at, superseded_at ON {S}.bot_dialog_state"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.count_dialog_activity()"
        )
        # Superusers look for chains; the role that serves need not be the owner, whom the policy does not bind.
        condition = f"account_id = {CURRENT_ACCOUNT} OR {CURRENT_DOOR} = ANY ('{{accounts}}')"
        steps.run(f"ALTER POLICY account_rows ON {S}.search_entry USING ({condition}) WITH CHECK ({condition})")
        with open_door(steps, *SEARCHED, "dialog_activity"):
            steps.run(COUNT_ACTIVITY, door=DOOR)
            for table in SEARCHED:
                fill(steps, table)
        index_entries(steps)
        for name, place in INDEXES.items():
            steps.build_index(name, place)
        for table in UNEQUAL:
            estimate_for_the_large(steps, table)


def estimate_for_the_large(steps: Steps, table: str) -> None:
    """Let plans be made for the account that has half of a table's rows: they suit a small one, too.

    A plan for the average account reads and sorts all rows of one that is far larger. Row security doubles the mistake:
    its condition counts once more, as if it were another than the statement's own.
    """
    steps.run(f'ALTER TABLE {S}."{table}" ALTER account_id SET (n_distinct = 2)')
    steps.connection.execute(f'ANALYZE {S}."{table}"')


@contextmanager
def open_door(steps: Steps, *tables: str) -> Iterator[None]:
    """Let this migration, whose role row security binds, see the rows of all accounts; nobody else knows the door."""
    closing = [f'DROP POLICY IF EXISTS filling ON {S}."{table}"' for table in tables]
    for close, table in zip(closing, tables, strict=True):
        condition = f"(SELECT current_setting('getinn.door', true)) = '{DOOR}'"
        steps.run(close, f'CREATE POLICY filling ON {S}."{table}" USING ({condition}) WITH CHECK ({condition})')
    yield
    for close in closing:
        steps.run(close)


def searching(table: str, columns: tuple[str, ...]) -> Iterator[str]:
    """The triggers that keep the entries of a table."""
    yield (
        f'CREATE OR REPLACE TRIGGER keep_search AFTER INSERT OR UPDATE OF {", ".join(columns)} ON {S}."{table}"'
        f" FOR EACH ROW EXECUTE FUNCTION {S}.keep_searched()"
    )
    yield (
        f'CREATE OR REPLACE TRIGGER forget_search AFTER DELETE ON {S}."{table}"'
        f" FOR EACH ROW EXECUTE FUNCTION {S}.forget_search_entry()"
    )


def index_entries(steps: Steps) -> None:
    """An index for each table of many rows: of a word that all hold it reads the rows of one table of one account.

    Its list of what was added last is kept short, for every search reads all of it.
    """
    if not steps.scalar(HAS_EXTENSION, ["pg_trgm"]):
        return
    keys = "account_id, " if steps.scalar(HAS_EXTENSION, ["btree_gin"]) else ""
    listed = ", ".join(f"'{table}'" for table in LARGE)
    conditions = {table: f"entity = '{table}'" for table in LARGE} | {"other": f"entity NOT IN ({listed})"}
    for name, condition in conditions.items():
        place = f"search_entry USING gin ({keys}content gin_trgm_ops) WITH (gin_pending_list_limit = 256)"
        steps.build_index(f"ix_search_entry_content_{name}", f"{place} WHERE {condition}")
    steps.connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {S}.ix_search_entry_content")


def fill(steps: Steps, table: str) -> None:
    """Make the entries of a table's rows anew, some at a time; rows are held while they are read."""
    columns, is_titled = SEARCHED[table]
    key = "id" if table == "account" else "account_id"
    parts = DIALOG_PARTS if table == "bot_dialog_state" else ", ".join(f"t.{column}" for column in columns)
    # Nobody can hold lines of the log. One that loses what it quotes has its entry by then, or gets it.
    is_log = table == "audit_event"
    change = "NOTHING" if is_log else "UPDATE SET title = excluded.title, content = excluded.content"
    condition = "" if is_log else " WHERE (e.title, e.content) IS DISTINCT FROM (excluded.title, excluded.content)"
    statement = f"""
        INSERT INTO {S}.search_entry AS e (row_id, account_id, entity, title, content)
        SELECT t.id, t.{key}, '{table}', {"t.name" if is_titled else "NULL"}, {S}.searched_text({parts})
        FROM {S}."{table}" t WHERE t.id = ANY(%s){"" if is_log else " FOR SHARE"}
        ON CONFLICT (row_id) DO {change}{condition}
    """
    for ids in batches(steps, table):
        steps.run((statement, [ids]), door=DOOR)


def batches(steps: Steps, table: str) -> Iterator[list[UUID]]:
    """The keys of a table's rows."""
    ids = steps.values(f'SELECT id FROM {S}."{table}" ORDER BY id LIMIT {BATCH}', door=DOOR)
    while ids:
        yield ids
        further = f'SELECT id FROM {S}."{table}" WHERE id > %s ORDER BY id LIMIT {BATCH}'
        ids = steps.values(further, [ids[-1]], door=DOOR) if len(ids) == BATCH else []


def downgrade() -> None:
    op.execute(f"DROP TRIGGER count_activity ON {S}.bot_dialog_state")
    for table in SEARCHED:
        if table in FORMERLY_SEARCHED:
            op.execute(
                f"CREATE OR REPLACE TRIGGER keep_search AFTER INSERT OR UPDATE ON {S}.{table} FOR EACH ROW"
                f" WHEN (NEW.search_text IS NOT NULL) EXECUTE FUNCTION {S}.keep_search_entry({FORMERLY_SEARCHED[table]})"
            )
        else:
            for trigger in ("keep_search", "forget_search"):
                op.execute(f'DROP TRIGGER {trigger} ON {S}."{table}"')
            op.execute(f"DELETE FROM {S}.search_entry WHERE entity = '{table}'")
    for name in INDEXES:
        op.execute(f"DROP INDEX {S}.{name}")
    for table in UNEQUAL:
        op.execute(f'ALTER TABLE {S}."{table}" ALTER account_id RESET (n_distinct)')
    condition = f"account_id = {CURRENT_ACCOUNT}"
    op.execute(f"ALTER POLICY account_rows ON {S}.search_entry USING ({condition}) WITH CHECK ({condition})")
    drop_tenant_table(op, "dialog_activity")
    for function in ("count_dialog_activity()", "keep_searched()", "searched_answers(jsonb)", "searched_text(text[])"):
        op.execute(f"DROP FUNCTION {S}.{function}")
