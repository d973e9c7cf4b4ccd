"""A table of accounts in one call: all that every such table has, as 0003 to 0005 gave it to the first ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.db.base import SCHEMA as S

CURRENT_ACCOUNT = "(SELECT nullif(current_setting('getinn.account_id', true), '')::uuid)"
CURRENT_DOOR = "(SELECT current_setting('getinn.door', true))"
NOW = "timezone('utc', now())"


@dataclass(frozen=True)
class Reference:
    """A column that names a row of another table of the same account."""

    table: str
    on_delete: str | None
    is_required: bool

    def column(self, name: str) -> str:
        """The column's definition."""
        return f"{name} UUID{' NOT NULL' if self.is_required else ''}"

    def key(self, name: str) -> str:
        """The composite key: no row refers to another account's."""
        after = f" ON DELETE {self.on_delete}" if self.on_delete else ""
        return f'FOREIGN KEY (account_id, {name}) REFERENCES {S}."{self.table}"(account_id, id){after}'


def to(table: str, *, on_delete: str | None = None, required: bool = True) -> Reference:
    """A reference as the type of a column: ``{"restaurant_id": to("restaurant")}``."""
    return Reference(table, on_delete, required)


def tenant_table(
    op: Any,
    name: str,
    *,
    columns: Mapping[str, str | Reference],
    search: Sequence[str] = (),
    listed_by: Sequence[str] = (),
    archivable: bool = True,
    constraints: Sequence[str] = (),
    doors: Sequence[str] = (),
) -> None:
    """Make a table whose rows belong to accounts, protected, dated, searched and indexed.

    ``columns`` are definitions in SQL by name, or references (``to``). ``search`` are the text columns that a search
    looks into; ``listed_by`` the columns that its list is ordered by, the first one also below each reference and
    among the archived. The model says the same by ``table_args`` (``portal/db/tables.py``).

    A table that stands was made whole by a run that something ended later on: it is left as it is.
    """
    if op.get_bind().exec_driver_sql(f"SELECT to_regclass('{S}.{name}')").scalar_one():
        return
    references = {key: each for key, each in columns.items() if isinstance(each, Reference)}
    lines = [
        f"id UUID PRIMARY KEY DEFAULT {default_uuid(op)}",
        f"account_id UUID NOT NULL REFERENCES {S}.account(id)",
        *(each.column(key) if isinstance(each, Reference) else f"{key} {each}" for key, each in columns.items()),
        *(["is_active BOOLEAN NOT NULL DEFAULT true"] if archivable else []),
        f"created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT {NOW}",
        f"updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT {NOW}",
        "UNIQUE (account_id, id)",
        *(each.key(key) for key, each in references.items()),
        *constraints,
    ]
    op.execute(f"CREATE TABLE {S}.{name} ({', '.join(lines)})")
    for index, indexed in indexes(name, list(references), listed_by, archivable).items():
        op.execute(f"CREATE INDEX {index} ON {S}.{name} ({', '.join(indexed)})")
    op.execute(
        f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {S}.{name}"
        f" FOR EACH ROW EXECUTE FUNCTION {S}.touch_updated_at()"
    )
    if search:
        _keep_search_entries(op, name, {key: str(columns[key]) for key in search})
    _protect(op, name, doors)


def drop_tenant_table(op: Any, name: str) -> None:
    """Undo ``tenant_table``, with what stands of it among the search entries."""
    op.execute(f"DELETE FROM {S}.search_entry WHERE entity = '{name}'")
    op.execute(f"DROP TABLE {S}.{name}")
    op.execute(f"DROP FUNCTION IF EXISTS {S}.{name}_search_text")


def indexes(name: str, references: Sequence[str], listed_by: Sequence[str], archivable: bool) -> dict[str, list[str]]:
    """The indexes of a table by name: below each reference, and for each order of its list."""
    first = list(listed_by[:1])
    found = {f"ix_{name}_{key}": ["account_id", key, *first, "id"] for key in references}
    for place, order in enumerate(listed_by):
        if not archivable or place == 0:
            found[f"ix_{name}_account_id_{order}"] = ["account_id", order, "id"]
        if archivable:
            found[f"ix_{name}_account_id_is_active_{order}"] = ["account_id", "is_active", order, "id"]
    return found


def default_uuid(op: Any) -> str:
    """The default of the seed's keys, the one that every server of this portal has."""
    found = op.get_bind().exec_driver_sql(
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_attribute a"
        " ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
        f" WHERE d.adrelid = '{S}.account'::regclass AND a.attname = 'id'"
    )
    return str(found.scalar_one())


def _keep_search_entries(op: Any, name: str, columns: Mapping[str, str]) -> None:
    """The searched text as a column, and its copies among the search entries (decision 004)."""
    parameters = ", ".join(f"{key} {definition.split()[0]}" for key, definition in columns.items())
    listed = ", ".join(columns)
    argument = "'titled'" if "name" in columns else ""
    op.execute(f"""
        CREATE FUNCTION {S}.{name}_search_text({parameters}) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
        SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN {S}.searched_text({listed}); END $$;
        ALTER TABLE {S}.{name} ADD search_text TEXT
            GENERATED ALWAYS AS ({S}.{name}_search_text({listed})) STORED;
        CREATE TRIGGER keep_search AFTER INSERT OR UPDATE ON {S}.{name}
            FOR EACH ROW EXECUTE FUNCTION {S}.keep_search_entry({argument});
        CREATE TRIGGER forget_search AFTER DELETE ON {S}.{name}
            FOR EACH ROW EXECUTE FUNCTION {S}.forget_search_entry();
    """)


def _protect(op: Any, name: str, doors: Sequence[str]) -> None:
    """Row security, forced on its owner: the rows of the account in scope, or of all by an admitted door."""
    condition = f"account_id = {CURRENT_ACCOUNT}"
    if doors:
        condition += f" OR {CURRENT_DOOR} = ANY ('{{{','.join(doors)}}}')"
    op.execute(f"""
        ALTER TABLE {S}.{name} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {S}.{name} FORCE ROW LEVEL SECURITY;
        CREATE POLICY account_rows ON {S}.{name} USING ({condition}) WITH CHECK ({condition});
    """)
