"""What the database keeps right by itself, whoever writes: dates, accounts of bot rows, search, the log."""

from alembic import op

from portal.db.base import SCHEMA as S

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DATED = (
    "account", "user", "restaurant", "bot_instance", "bot_platform_credential", "bot_scenario",
    "bot_dialog_state", "account_integration_credentials", "store", "user_restaurant", "user_session",
    "password_reset", "invitation", "superuser_visit",
)  # fmt: skip
BOT_CHILDREN = ("bot_platform_credential", "bot_scenario", "bot_dialog_state")
# What is looked for in each searched table: the parameters and body of its text, and its columns.
SEARCHED = {
    "restaurant": (
        "name varchar, address text, phone varchar, email varchar",
        "concat_ws(' ', name, address, phone, email)",
        "name, address, phone, email",
    ),
    "store": ("name varchar, address text", "concat_ws(' ', name, address)", "name, address"),
    "bot_dialog_state": (
        "platform_chat_id varchar, current_step varchar, collected_data jsonb",
        "concat_ws(' ', platform_chat_id, current_step, (SELECT string_agg(value, ' ') FROM jsonb_each_text("
        "CASE WHEN jsonb_typeof(collected_data) = 'object' THEN collected_data ELSE '{}' END)))",
        "platform_chat_id, current_step, collected_data",
    ),
}


def upgrade() -> None:
    keep_dates()
    fill_what_older_writers_leave_out()
    keep_the_log()
    keep_search_entries()


def keep_dates() -> None:
    op.execute(f"""
        CREATE FUNCTION {S}.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := timezone('utc', clock_timestamp());
            RETURN NEW;
        END $$;
    """)
    for table in DATED:
        op.execute(
            f'CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {S}."{table}"'
            f" FOR EACH ROW EXECUTE FUNCTION {S}.touch_updated_at()"
        )


def fill_what_older_writers_leave_out() -> None:
    op.execute(f"""
        CREATE FUNCTION {S}.fill_account_slug() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            base text := trim(BOTH '-' FROM left(lower(regexp_replace(NEW.name, '[^A-Za-z0-9]+', '-', 'g')), 40));
        BEGIN
            NEW.slug := nullif(base, '');
            IF base IN ('', 'new', 'switcher', 'export')
                OR EXISTS (SELECT FROM {S}.account WHERE slug = base) THEN
                NEW.slug := concat_ws('-', coalesce(nullif(base, ''), 'chain'), left(NEW.id::text, 8));
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER fill_account_slug BEFORE INSERT ON {S}.account FOR EACH ROW
            WHEN (NEW.slug IS NULL) EXECUTE FUNCTION {S}.fill_account_slug();

        CREATE FUNCTION {S}.fill_user_role() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.role := CASE WHEN EXISTS (
                SELECT FROM {S}."user" WHERE account_id = NEW.account_id AND role = 'owner' AND is_active
            ) THEN 'viewer' ELSE 'owner' END;
            RETURN NEW;
        END $$;
        CREATE TRIGGER fill_user_role BEFORE INSERT ON {S}."user" FOR EACH ROW
            WHEN (NEW.role IS NULL) EXECUTE FUNCTION {S}.fill_user_role();

        CREATE FUNCTION {S}.fill_bot_account() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' AND NEW.account_id IS NULL
                OR TG_OP = 'UPDATE' AND NEW.bot_id <> OLD.bot_id AND NEW.account_id = OLD.account_id THEN
                SELECT account_id INTO NEW.account_id FROM {S}.bot_instance WHERE id = NEW.bot_id;
            END IF;
            RETURN NEW;
        END $$;

        CREATE FUNCTION {S}.number_scenario() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('number_scenario' || NEW.bot_id::text, 0));
            SELECT coalesce(max(number), 0) + 1 INTO NEW.number FROM {S}.bot_scenario WHERE bot_id = NEW.bot_id;
            RETURN NEW;
        END $$;
        CREATE TRIGGER number_scenario BEFORE INSERT ON {S}.bot_scenario FOR EACH ROW
            WHEN (NEW.number IS NULL) EXECUTE FUNCTION {S}.number_scenario();
    """)
    for table in BOT_CHILDREN:
        op.execute(
            f"CREATE TRIGGER fill_bot_account BEFORE INSERT OR UPDATE OF bot_id ON {S}.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION {S}.fill_bot_account()"
        )


def keep_the_log() -> None:
    op.execute(f"""
        CREATE FUNCTION {S}.refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
        END $$;
        CREATE TRIGGER refuse_log_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {S}.audit_event
            FOR EACH STATEMENT EXECUTE FUNCTION {S}.refuse_log_change();
    """)


def keep_search_entries() -> None:
    op.execute(f"""
        CREATE TABLE {S}.search_entry (
            row_id UUID PRIMARY KEY,
            account_id UUID NOT NULL,
            entity VARCHAR NOT NULL,
            title VARCHAR,
            content TEXT NOT NULL
        );
        CREATE INDEX ix_search_entry_account_id ON {S}.search_entry(account_id, entity);

        CREATE INDEX ix_search_entry_title ON {S}.search_entry(account_id, entity, title, row_id);

        CREATE FUNCTION {S}.search_ids(p_entity text, p_words text[], p_cap int, p_by_title boolean) RETURNS uuid[]
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

        CREATE FUNCTION {S}.forget_search_entry() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            DELETE FROM {S}.search_entry WHERE row_id = OLD.id;
            RETURN NULL;
        END $$;
    """)
    op.execute(f"""
        CREATE FUNCTION {S}.keep_search_entry() RETURNS trigger
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
    for table in SEARCHED:
        op.execute(searching_sql(table))
    if make_extension("pg_trgm"):
        keys = "account_id, " if make_extension("btree_gin") else ""
        op.execute(f"CREATE INDEX ix_search_entry_content ON {S}.search_entry USING gin ({keys}content gin_trgm_ops)")


def searching_sql(table: str) -> str:
    """The searched text of a table as a column, and its copies among the search entries."""
    parameters, body, columns = SEARCHED[table]
    title = "name" if "name" in columns.split(", ") else "NULL"
    argument = "" if title == "NULL" else "'titled'"
    return f"""
        CREATE FUNCTION {S}.{table}_search_text({parameters}) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
        SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN lower({body}); END $$;
        ALTER TABLE {S}.{table} ADD search_text TEXT
            GENERATED ALWAYS AS ({S}.{table}_search_text({columns})) STORED;
        CREATE TRIGGER keep_search AFTER INSERT OR UPDATE ON {S}.{table}
            FOR EACH ROW EXECUTE FUNCTION {S}.keep_search_entry({argument});
        CREATE TRIGGER forget_search AFTER DELETE ON {S}.{table}
            FOR EACH ROW EXECUTE FUNCTION {S}.forget_search_entry();
        INSERT INTO {S}.search_entry (row_id, account_id, entity, title, content)
            SELECT id, account_id, '{table}', {title}, search_text FROM {S}.{table};
    """


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
        op.execute(f"ALTER TABLE {S}.{table} DROP search_text")
        op.execute(f"DROP FUNCTION {S}.{table}_search_text CASCADE")
    for function in (
        "search_ids(text, text[], int, boolean)",
        "keep_search_entry()",
        "forget_search_entry()",
        "refuse_log_change()",
        "number_scenario()",
        "fill_bot_account()",
        "fill_user_role()",
        "fill_account_slug()",
        "touch_updated_at()",
    ):
        op.execute(f"DROP FUNCTION {S}.{function} CASCADE")
