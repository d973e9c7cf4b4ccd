"""What PostgreSQL's own catalogue says of the schema: every table is protected, every key stays in its account."""

from portal.db.base import SCHEMA
from tests.rules.site.targets import tenant_tables
from tests.world_rows import TABLE_NUMBERS

# Every other table is protected by row-level security, forced on its owner, too.
UNPROTECTED = {
    "alembic_version": "which migrations ran; no account's row",
    "attack_count": "how often strangers and members were refused; for superusers alone",
    "deployment": "whose database this is; no account's row",
    "sign_in_attempt": "guesses at passwords by keyed hash, counted before anybody is known",
}
UNFORCED = {
    "search_entry": "its owner serves searches from it, by the account of the setting (search_ids)",
}
# The seed's own keys, and those that lead to an account or out of one on purpose.
SINGLE_KEYS = {
    "bot_platform_credential_bot_id_fkey": "the seed's",
    "bot_scenario_bot_id_fkey": "the seed's",
    "bot_dialog_state_bot_id_fkey": "the seed's",
    "superuser_visit_session_id_fkey": "the session is the superuser's, in the operator's account",
    "superuser_visit_user_id_fkey": "a superuser is nobody's member: the visit stands in the visited account",
}
POLICIES = """
    SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
        coalesce(array_agg(pg_get_expr(p.polqual, p.polrelid)) FILTER (WHERE p.polqual IS NOT NULL), '{}') AS shown,
        coalesce(array_agg(pg_get_expr(p.polwithcheck, p.polrelid)) FILTER (WHERE p.polwithcheck IS NOT NULL), '{}')
            AS accepted,
        coalesce(bool_and(p.polpermissive), false) AS permissive
    FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p') GROUP BY c.oid ORDER BY 1
"""
FOREIGN_KEYS = """
    SELECT k.conname AS name, c.relname AS table_name, f.relname AS target,
        (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number) AS columns,
        (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) AS targets
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid
    WHERE k.contype = 'f' AND k.connamespace = to_regnamespace(%s)
"""
INDEX_COLUMNS = """
    SELECT c.relname AS table_name, array_agg(coalesce(a.attname::text, '') ORDER BY u.place) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number
    WHERE c.relnamespace = to_regnamespace(%s) GROUP BY c.relname, i.indexrelid
"""

SEED_TABLES = {
    "account", "user", "restaurant", "bot_instance", "bot_platform_credential", "bot_scenario", "bot_dialog_state",
    "account_integration_credentials",
}  # fmt: skip
MOMENTS = """
    SELECT table_name, column_name, data_type, column_default FROM information_schema.columns
    WHERE table_schema = %s AND data_type LIKE 'timestamp%%'
"""


def test_every_table_is_protected_or_a_named_exception(superuser_sql):
    tables = superuser_sql(POLICIES, [SCHEMA])
    unprotected = {table.name for table in tables if not table.enabled}
    unforced = {table.name for table in tables if table.enabled and not table.forced}
    assert unprotected == set(UNPROTECTED)
    assert unforced == set(UNFORCED)


def test_every_policy_shows_and_accepts_the_rows_of_the_account_in_scope_alone(superuser_sql):
    for table in superuser_sql(POLICIES, [SCHEMA]):
        if table.name in UNPROTECTED:
            continue
        key = "id" if table.name == "account" else "account_id"
        assert table.shown, f"{table.name} has no policy for reading"
        assert table.accepted, f"{table.name} has no policy for writing"
        for condition in (*table.shown, *table.accepted):
            assert condition.replace("(", "").startswith(f"{key} = "), f"{table.name}: {condition}"
            assert "getinn.account_id" in condition, f"{table.name}: {condition}"


def test_every_table_with_an_account_is_protected(superuser_sql):
    protected = {table.name for table in superuser_sql(POLICIES, [SCHEMA]) if table.enabled}
    assert set(tenant_tables(superuser_sql)) | {"account"} == protected


def test_no_policy_admits_rows_beyond_the_account_but_by_a_door(superuser_sql):
    for table in superuser_sql(POLICIES, [SCHEMA]):
        for condition in (*table.shown, *table.accepted):
            beyond = condition.split(" OR ")[1:]
            assert len(beyond) <= 1, f"{table.name}: {condition}"
            assert all("getinn.door" in part for part in beyond), f"{table.name}: {condition}"


def test_every_view_would_ask_as_its_reader(superuser_sql):
    views = superuser_sql(
        "SELECT relname AS name, reloptions AS options FROM pg_class"
        " WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('v', 'm')",
        [SCHEMA],
    )
    assert [view.name for view in views if "security_invoker=true" not in (view.options or [])] == []


def test_every_key_between_tables_of_accounts_carries_the_account(superuser_sql):
    tenants = set(tenant_tables(superuser_sql))
    for key in superuser_sql(FOREIGN_KEYS, [SCHEMA]):
        if key.name not in SINGLE_KEYS and key.table_name in tenants and key.target in tenants:
            assert key.columns[0] == key.targets[0] == "account_id", f"{key.name} could leave the account"


def test_each_of_the_seeds_single_keys_is_doubled_by_one_with_the_account(superuser_sql):
    keys = superuser_sql(FOREIGN_KEYS, [SCHEMA])
    doubled = {(key.table_name, *key.columns) for key in keys}
    for key in keys:
        if SINGLE_KEYS.get(key.name) == "the seed's":
            assert (key.table_name, "account_id", *key.columns) in doubled, key.name
    assert set(SINGLE_KEYS) <= {key.name for key in keys}


def test_every_foreign_key_stands_on_an_index(superuser_sql):
    indexes = [(row.table_name, row.columns) for row in superuser_sql(INDEX_COLUMNS, [SCHEMA])]
    for key in superuser_sql(FOREIGN_KEYS, [SCHEMA]):
        wanted = (key.columns, ["account_id", *key.columns])
        found = any(
            columns[: len(each)] == each for table, columns in indexes if table == key.table_name for each in wanted
        )
        assert found, f"{key.table_name} has no index for {key.name} ({', '.join(key.columns)})"


def test_no_moment_has_a_zone_and_every_default_of_our_own_is_utc(superuser_sql):
    for column in superuser_sql(MOMENTS, [SCHEMA]):
        place = f"{column.table_name}.{column.column_name}"
        is_date_of_row = column.column_name in ("created_at", "updated_at")
        assert column.data_type == "timestamp without time zone", place
        if column.table_name in SEED_TABLES:
            assert column.column_default == ("now()" if is_date_of_row else None), place
        elif is_date_of_row:
            assert column.column_default == "timezone('utc'::text, now())", place
        else:
            # What is waited for begins now, not when its transaction began.
            assert column.column_default in (None, "timezone('utc'::text, clock_timestamp())"), place


def test_both_chains_of_the_cast_hold_a_row_in_every_table_of_accounts(world, superuser_sql):
    tables = tenant_tables(superuser_sql)
    assert set(tables) - {"search_entry"} == set(TABLE_NUMBERS) - {"account"}
    for table in tables:
        found = {row.account_id for row in superuser_sql(f'SELECT DISTINCT account_id FROM {SCHEMA}."{table}"')}
        assert {world.pelmenya.account_id, world.vareniki.account_id} <= found, f"{table} is empty for a chain"


def test_every_text_of_the_cast_carries_the_marker_of_its_chain(world, superuser_sql):
    texts = superuser_sql(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND data_type IN ('character varying', 'text', 'jsonb') AND is_generated = 'NEVER'",
        [SCHEMA],
    )
    tenants = set(tenant_tables(superuser_sql))
    for column in texts:
        place = f"{column.table_name}.{column.column_name}"
        if column.table_name not in tenants or {column.column_name, place} & UNMARKED:
            continue
        found = superuser_sql(
            f'SELECT DISTINCT account_id, "{column.column_name}"::text AS told FROM {SCHEMA}."{column.table_name}"'
            f' WHERE "{column.column_name}" IS NOT NULL'
        )
        markers = {chain.account_id: chain.marker for chain in (*world.chains, world.operator)}
        for row in found:
            assert markers[row.account_id] in row.told.lower(), f"{column.table_name}.{column.column_name}: {row.told}"


# Words of the portal's own, numbers, zones and sealed values; the hashes of passwords are one for all.
UNMARKED = {
    "doc_metadata", "document_type", "evidence", "file_type", "headings_key", "item_type", "mapping", "moved",
    "number_key", "okei_code", "sha256", "symbol", "unit_category.name",
    "action", "as_superuser", "connection_status", "credentials", "entity", "hashed_password", "iiko_sync_status",
    "integration_type", "kind", "locale", "phone", "platform", "role", "timezone", "state", "engine_state",
    "content_type", "storage", "direction", "author", "file_state", "error", "occasion", "result", "variable",
    "permission",
    "counts", "read_as", "verdict", "outcome",
    "unit", "currency",
    "server_type", "edition", "version", "shown_certificate", "purpose", "failure", "hold", "details", "server_key",
    "token", "body", "word", "reason", "changes", "tax_id",
    "status", "onboarding_status", "source", "field", "number_tail", "anchor", "who", "completed_by",
}  # fmt: skip
