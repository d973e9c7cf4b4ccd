"""What the database keeps right by itself, whoever writes: dates, accounts of bot rows, search, the log."""

from alembic import op

from migrations.steps import Steps, stepwise
from portal.db.base import SCHEMA as S

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The dialogs' dates and search begin with 0007, which gives their searched text its final shape.
DATED = (
    "account", "user", "restaurant", "bot_instance", "bot_platform_credential", "bot_scenario",
    "account_integration_credentials", "store", "user_restaurant", "user_session", "password_reset", "invitation",
    "superuser_visit",
)  # fmt: skip
# What is looked for in each searched table: the parameters of its text, and its columns.
SEARCHED = {
    "restaurant": ("name varchar, address text, phone varchar, email varchar", "name, address, phone, email"),
    "store": ("name varchar, address text", "name, address"),
}


def upgrade() -> None:
    has_trigrams = make_extension("pg_trgm")
    keys = "account_id, " if has_trigrams and make_extension("btree_gin") else ""
    with stepwise(op) as steps:
        keep_search_entries(steps)
        for table in SEARCHED:
            keep_searched(steps, table)
        if has_trigrams:
            steps.build_index("ix_search_entry_content", f"search_entry USING gin ({keys}content gin_trgm_ops)")
        keep_dates(steps)
        keep_the_log(steps)


def keep_dates(steps: Steps) -> None:
    # Last of all, so that filling our columns does not date the rows of others.
    steps.run(f"""
        CREATE OR REPLACE FUNCTION {S}.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := timezone('utc', clock_timestamp());
            RETURN NEW;
        END $$;
    """)
    for table in DATED:
        steps.run(
            f'CREATE OR REPLACE TRIGGER touch_updated_at BEFORE UPDATE ON {S}."{table}"'
            f" FOR EACH ROW EXECUTE FUNCTION {S}.touch_updated_at()"
        )


def keep_the_log(steps: Steps) -> None:
    steps.run(f"""
        CREATE OR REPLACE FUNCTION {S}.refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
        END $$;
        CREATE OR REPLACE TRIGGER refuse_log_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {S}.audit_event
            FOR EACH STATEMENT EXECUTE FUNCTION {S}.refuse_log_change();
    """)


def keep_search_entries(steps: Steps) -> None:
    steps.run(f"""
        CREATE TABLE IF NOT EXISTS {S}.search_entry (
            row_id UUID PRIMARY KEY,
            account_id UUID NOT NULL,
            entity VARCHAR NOT NULL,
            title VARCHAR,
            content TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS ix_search_entry_account_id ON {S}.search_entry(account_id, entity);

        CREATE INDEX IF NOT EXISTS ix_search_entry_title ON {S}.search_entry(account_id, entity, title, row_id);

        CREATE OR REPLACE FUNCTION {S}.search_ids(p_entity text, p_words text[], p_cap int, p_by_title boolean) RETURNS uuid[]
        LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
            found uuid[];
        BEGIN
            SELECT array_agg(row_id) INTO found FROM (
                SELECT row_id FROM {S}.search_entry
                WHERE account_id = account AND entity = p_entity
                    AND content LIKE p_words[1] AND content LIKE ALL (p_words)
                LIMIT p_cap + 1
            ) entries;
            IF coalesce(cardinality(found), 0) <= p_cap THEN
                RETURN coalesce(found, '{{}}');
            END IF;
            IF p_by_title THEN
                -- Spread over the list, a common word fills a page from its first few thousand titles ...
                SELECT array_agg(row_id) INTO found FROM (
                    SELECT row_id, content FROM {S}.search_entry
                    WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 3 * p_cap
                ) entries WHERE content LIKE ALL (p_words);
                IF cardinality(found) >= 100 THEN
                    RETURN array_prepend(NULL, found);
                END IF;
                -- ... and gathered at its end (titles that begin with it) it takes a look at all that hold it.
                SELECT array_agg(row_id) INTO found FROM (
                    SELECT row_id, title FROM {S}.search_entry
                    WHERE account_id = account AND entity = p_entity
                        AND content LIKE p_words[1] AND content LIKE ALL (p_words)
                    ORDER BY title, row_id LIMIT p_cap
                ) entries;
                RETURN array_prepend(NULL, found);
            END IF;
            -- The next statement reads in the order of an index and stops soon; the planner, misled by
            -- the policy's estimate, would rather read and sort the whole account.
            PERFORM set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true);
            RETURN NULL;
        END $$;

        CREATE OR REPLACE FUNCTION {S}.forget_search_entry() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            DELETE FROM {S}.search_entry WHERE row_id = OLD.id;
            RETURN NULL;
        END $$;
    """)
    steps.run(f"""
        CREATE OR REPLACE FUNCTION {S}.keep_search_entry() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE title varchar;
        BEGIN
            IF TG_NARGS = 1 THEN
                title := NEW.name;
            END IF;
            INSERT INTO {S}.search_entry AS e (row_id, account_id, entity, title, content)
            VALUES (NEW.id, NEW.account_id, TG_TABLE_NAME, title, NEW.search_text)
            ON CONFLICT (row_id) DO UPDATE
                SET account_id = excluded.account_id, title = excluded.title, content = excluded.content
                WHERE (e.account_id, e.title, e.content)
                    IS DISTINCT FROM (excluded.account_id, excluded.title, excluded.content);
            RETURN NULL;
        END $$;
    """)


def keep_searched(steps: Steps, table: str) -> None:
    """The searched text of a table as a column that a trigger fills, and its copies among the search entries.

    A generated column would say the same, but adding one writes the whole table anew while nobody can read it.
    """
    parameters, columns = SEARCHED[table]
    texts = {each: ", ".join(f"NEW.{column}" for column in SEARCHED[each][1].split(", ")) for each in SEARCHED}
    steps.add_columns(
        table, ("search_text TEXT",),
        f"""
            CREATE OR REPLACE FUNCTION {S}.{table}_search_text({parameters}) RETURNS text
            LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
            AS $$ BEGIN RETURN lower(concat_ws(' ', {columns})); END $$;
            CREATE OR REPLACE FUNCTION {S}.fill_search_text() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_TABLE_NAME = 'restaurant' THEN
                    NEW.search_text := {S}.restaurant_search_text({texts["restaurant"]});
                ELSE
                    NEW.search_text := {S}.store_search_text({texts["store"]});
                END IF;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER fill_search BEFORE INSERT OR UPDATE OF {columns} ON {S}.{table}
                FOR EACH ROW EXECUTE FUNCTION {S}.fill_search_text();
            CREATE OR REPLACE TRIGGER keep_search AFTER INSERT OR UPDATE ON {S}.{table}
                FOR EACH ROW WHEN (NEW.search_text IS NOT NULL) EXECUTE FUNCTION {S}.keep_search_entry('titled');
            CREATE OR REPLACE TRIGGER forget_search AFTER DELETE ON {S}.{table}
                FOR EACH ROW EXECUTE FUNCTION {S}.forget_search_entry();
        """,
    )  # fmt: skip
    given = ", ".join(f"filled.{column}" for column in columns.split(", "))
    steps.fill(table, "search_text", f"{S}.{table}_search_text({given})")


def make_extension(name: str) -> bool:
    """Whether an extension that the database's owner may add is there afterwards."""
    bind = op.get_bind()
    if not bind.exec_driver_sql(f"SELECT 1 FROM pg_available_extensions WHERE name = '{name}'").scalar():
        return False
    try:
        with bind.begin_nested():
            bind.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {name}")
    except Exception:
        return False
    return True


def downgrade() -> None:
    op.execute(f"DROP TABLE {S}.search_entry")
    for table in SEARCHED:
        for trigger in ("fill_search", "keep_search", "forget_search"):
            op.execute(f"DROP TRIGGER {trigger} ON {S}.{table}")
        op.execute(f"ALTER TABLE {S}.{table} DROP search_text")
        op.execute(f"DROP FUNCTION {S}.{table}_search_text CASCADE")
    for function in (
        "search_ids(text, text[], int, boolean)",
        "fill_search_text()",
        "keep_search_entry()",
        "forget_search_entry()",
        "refuse_log_change()",
        "touch_updated_at()",
    ):
        op.execute(f"DROP FUNCTION IF EXISTS {S}.{function} CASCADE")
