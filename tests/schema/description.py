"""All that PostgreSQL's catalogue knows of the portal's schema, as lines that can be compared."""

import re

from portal.db.base import SCHEMA

QUERIES = {
    "columns": """
        SELECT c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p', 'S')
    """,
    "row security": """
        SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
        WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p')
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
        FROM pg_constraint WHERE connamespace = to_regnamespace(%s) AND contype IN ('p', 'u', 'f', 'c')
    """,
    "indexes": """
        SELECT pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = to_regnamespace(%s)
    """,
    "triggers": """
        SELECT pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        WHERE c.relnamespace = to_regnamespace(%s) AND NOT tgisinternal
    """,
    "policies": "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE schemaname = %s",
    "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = to_regnamespace(%s)",
}


def description(connection):
    """The lines, each with the name of its kind."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path TO nowhere")
        return {
            f"{kind}: {plain(' | '.join(map(str, row)))}"
            for kind, query in QUERIES.items()
            for row in connection.execute(query, [SCHEMA]).fetchall()
        }


def plain(line):
    """Without what differs though it means the same: a list of words is told otherwise once it was dumped.

    The schema of the function behind the keys' default is the server's.
    """
    line = re.sub(rf"\b({SCHEMA}|public)\.uuid_generate", "uuid_generate", line)
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", line)
