"""Searched texts in which е is ё and numbers are their digits, of all that is searched; activity counted as it happens."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from alembic import op

from migrations.functions import load_functions
from migrations.steps import BATCH, LOCK_TIMEOUT, Steps, stepwise
from migrations.tables import drop_tenant_table, tenant_table
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
HAS_EXTENSION = "SELECT true FROM pg_extension WHERE extname = %s"
ENTER = "SELECT set_config('getinn.account_id', %s, true)"
ACCOUNTS = f"SELECT id FROM {S}.account ORDER BY id"
# What others counted meanwhile and this statement sees is part of what it counts, and what it does not see stays.
COUNT_ACTIVITY = f"""
    WITH counted AS (DELETE FROM {S}.dialog_activity WHERE account_id = ANY(%s))
    INSERT INTO {S}.dialog_activity (account_id, quarter, change)
    SELECT account_id, date_bin('15 minutes', last_interaction_at, '2000-01-01') AS quarter, count(*)
    FROM {S}.bot_dialog_state
    WHERE account_id = ANY(%s) AND superseded_at IS NULL
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
    op.execute(f"CREATE INDEX ix_dialog_activity_quarter ON {S}.dialog_activity(account_id, quarter) INCLUDE (change)")
    with stepwise(op) as steps:
        for table, (columns, _titled) in SEARCHED.items():
            steps.run(*searching(table, columns))
        steps.run(
            f"CREATE OR REPLACE TRIGGER count_activity"
            f" AFTER INSERT OR DELETE OR UPDATE OF last_interaction_at, superseded_at ON {S}.bot_dialog_state"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.count_dialog_activity()"
        )
        for account_id in steps.values(ACCOUNTS, door="worker"):
            steps.run((ENTER, [str(account_id)]), (COUNT_ACTIVITY, [[account_id], [account_id]]))
            for table in SEARCHED:
                fill(steps, account_id, table)
        index_entries(steps)


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


def fill(steps: Steps, account_id: UUID, table: str) -> None:
    """Make the entries of one account's rows anew, some at a time; rows are held while they are read."""
    columns, is_titled = SEARCHED[table]
    key = account_key(table)
    parts = DIALOG_PARTS if table == "bot_dialog_state" else ", ".join(f"t.{column}" for column in columns)
    # Nobody can hold lines of the log. One that loses what it quotes has its entry by then, or gets it.
    is_log = table == "audit_event"
    change = "NOTHING" if is_log else "UPDATE SET title = excluded.title, content = excluded.content"
    condition = "" if is_log else " WHERE (e.title, e.content) IS DISTINCT FROM (excluded.title, excluded.content)"
    statement = f"""
        INSERT INTO {S}.search_entry AS e (row_id, account_id, entity, title, content)
        SELECT t.id, t.{key}, '{table}', {"t.name" if is_titled else "NULL"}, {S}.searched_text({parts})
        FROM {S}."{table}" t WHERE t.{key} = %s AND t.id = ANY(%s){"" if is_log else " FOR SHARE"}
        ON CONFLICT (row_id) DO {change}{condition}
    """
    for ids in batches(steps, account_id, table):
        steps.run((ENTER, [str(account_id)]), (statement, [account_id, ids]))


def batches(steps: Steps, account_id: UUID, table: str) -> Iterator[list[UUID]]:
    """The keys of an account's rows."""
    # By an index that begins with the account.
    order = "at, id" if table == "audit_event" else "id"
    query = f'SELECT {order} FROM {S}."{table}" WHERE {account_key(table)} = %s'
    rows = within(steps, account_id, f"{query} ORDER BY {order} LIMIT {BATCH}", [account_id])
    while rows:
        yield [row[-1] for row in rows]
        places = ", ".join(["%s"] * len(rows[-1]))
        further = f"{query} AND ({order}) > ({places}) ORDER BY {order} LIMIT {BATCH}"
        rows = within(steps, account_id, further, [account_id, *rows[-1]]) if len(rows) == BATCH else []


def account_key(table: str) -> str:
    """The column that names a row's account."""
    return "id" if table == "account" else "account_id"


def within(steps: Steps, account_id: UUID, query: str, parameters: list[Any]) -> list[Any]:
    """A query's rows, read within an account."""
    with steps.connection.transaction():
        steps.connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        steps.connection.execute(ENTER, [str(account_id)])
        return steps.connection.execute(query, parameters).fetchall()


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
    drop_tenant_table(op, "dialog_activity")
    for function in ("count_dialog_activity()", "keep_searched()", "searched_answers(jsonb)", "searched_text(text[])"):
        op.execute(f"DROP FUNCTION {S}.{function}")
