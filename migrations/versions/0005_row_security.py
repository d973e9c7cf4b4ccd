"""Wall two: row-level security on every account's table, and the function that starts a request."""

from collections.abc import Iterator

from alembic import op

from migrations.steps import stepwise
from portal.db.base import SCHEMA as S

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
CURRENT_DOOR = "(SELECT current_setting('getinn.door', true))"

# Which doors (portal/tenancy/scope.py: unscoped) each table admits beside the account in scope.
TABLE_DOORS = {
    "account": ("session", "sign_in", "link", "accounts", "worker"),
    "user": ("session", "sign_in", "link", "accounts"),
    "user_session": ("session", "worker"),
    "user_restaurant": ("session",),
    "superuser_visit": ("session", "accounts", "worker"),
    "password_reset": ("link", "worker"),
    "invitation": ("link",),
    "restaurant": ("accounts",),
    "bot_instance": ("accounts",),
    "bot_platform_credential": ("accounts",),
    "account_integration_credentials": ("accounts",),
    "store": (),
    "bot_scenario": (),
    "bot_dialog_state": (),
    "audit_event": (),
    "search_entry": (),
}
# Its owner serves searches from it (0004: search_ids), so its owner is not bound.
UNFORCED = ("search_entry",)


def upgrade() -> None:
    with stepwise(op) as steps:
        for table, doors in TABLE_DOORS.items():
            steps.run(*protection(table, doors))
        steps.run(open_request_sql())


def protection(table: str, doors: tuple[str, ...]) -> Iterator[str]:
    """Show and accept only the rows of the account in scope, or of all where an admitted door is open."""
    key = "id" if table == "account" else "account_id"
    condition = f"{key} = {CURRENT_ACCOUNT}"
    if doors:
        condition += f" OR {CURRENT_DOOR} = ANY ('{{{','.join(doors)}}}')"
    yield f'ALTER TABLE {S}."{table}" ENABLE ROW LEVEL SECURITY'
    if table not in UNFORCED:
        yield f'ALTER TABLE {S}."{table}" FORCE ROW LEVEL SECURITY'
    for policy in ("account_rows", "account_reads", "account_adds"):
        yield f'DROP POLICY IF EXISTS {policy} ON {S}."{table}"'
    if table == "audit_event":
        yield f"CREATE POLICY account_reads ON {S}.audit_event FOR SELECT USING ({condition})"
        yield f"CREATE POLICY account_adds ON {S}.audit_event FOR INSERT WITH CHECK ({condition})"
    else:
        yield f'CREATE POLICY account_rows ON {S}."{table}" USING ({condition}) WITH CHECK ({condition})'


def open_request_sql() -> str:
    """One statement that finds session, person, account, visit and restaurants, and enters the account.

    Only this function opens the door ``session``; it closes it before it returns. It answers no row
    for a session that is unknown, ended, idle for too long, or of somebody or some chain deactivated.
    """
    return f"""
        CREATE OR REPLACE FUNCTION {S}.open_request(
            p_token bytea, p_slug text, p_session_idle interval, p_visit_idle interval
        ) RETURNS TABLE (
            session_id uuid, user_id uuid, email varchar, full_name varchar, role varchar, is_superuser boolean,
            locale varchar, timezone varchar, home_id uuid, home_slug varchar,
            account_id uuid, account_slug varchar, account_name varchar, account_is_active boolean,
            visit_id uuid, visit_started_at timestamp, visit_reason varchar, restaurant_ids uuid[]
        ) LANGUAGE plpgsql VOLATILE AS $$
        #variable_conflict use_variable
        DECLARE
            moment timestamp := timezone('utc', now());
            seen timestamp;
            visit_seen timestamp;
        BEGIN
            PERFORM set_config('getinn.door', 'session', true);
            SELECT s.id, u.id, u.email, u.full_name, u.role, u.is_superuser, u.locale, u.timezone,
                home.id, home.slug, s.last_seen_at
            INTO session_id, user_id, email, full_name, role, is_superuser, locale, timezone,
                home_id, home_slug, seen
            FROM {S}.user_session s
            JOIN {S}."user" u ON u.id = s.user_id
            JOIN {S}.account home ON home.id = u.account_id
            WHERE s.token_hash = p_token AND s.expires_at > moment AND s.last_seen_at > moment - p_session_idle
                AND u.is_active AND (home.is_active OR u.is_superuser);
            IF session_id IS NULL THEN
                PERFORM set_config('getinn.door', '', true);
                RETURN;
            END IF;
            IF seen < moment - interval '1 minute' THEN
                UPDATE {S}.user_session s SET last_seen_at = moment WHERE s.id = session_id;
            END IF;
            IF p_slug IS NULL THEN
                PERFORM set_config('getinn.account_id', home_id::text, true);
                PERFORM set_config('getinn.door', '', true);
                RETURN NEXT;
                RETURN;
            END IF;
            SELECT a.id, a.slug, a.name, a.is_active
            INTO account_id, account_slug, account_name, account_is_active
            FROM {S}.account a
            WHERE a.slug = p_slug AND NOT a.is_operator AND (is_superuser OR (a.id = home_id AND a.is_active));
            IF is_superuser THEN
                SELECT v.id, v.started_at, v.reason, v.last_seen_at
                INTO visit_id, visit_started_at, visit_reason, visit_seen
                FROM {S}.superuser_visit v
                WHERE v.user_id = user_id AND v.account_id = account_id AND v.ended_at IS NULL
                    AND v.last_seen_at > moment - p_visit_idle
                ORDER BY v.started_at DESC LIMIT 1;
                IF visit_seen < moment - interval '1 minute' THEN
                    UPDATE {S}.superuser_visit v SET last_seen_at = moment WHERE v.id = visit_id;
                END IF;
            ELSIF account_id IS NOT NULL AND role <> 'owner' THEN
                SELECT array_agg(r.restaurant_id) INTO restaurant_ids
                FROM {S}.user_restaurant r WHERE r.user_id = user_id AND r.account_id = account_id;
            END IF;
            IF visit_id IS NOT NULL OR NOT is_superuser AND account_id IS NOT NULL THEN
                PERFORM set_config('getinn.account_id', account_id::text, true);
            END IF;
            PERFORM set_config('getinn.door', '', true);
            RETURN NEXT;
        END $$;
    """


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {S}.open_request(bytea, text, interval, interval)")
    for table in TABLE_DOORS:
        for policy in ("account_rows", "account_reads", "account_adds"):
            op.execute(f'DROP POLICY IF EXISTS {policy} ON {S}."{table}"')
        op.execute(f'ALTER TABLE {S}."{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE {S}."{table}" DISABLE ROW LEVEL SECURITY')
