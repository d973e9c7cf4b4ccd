"""What a chain of ``bench.data`` buys: suppliers, items, invoices of ten lines each, their prices and exceptions."""

import psycopg

from bench.data import WORDS
from bench.receiving_rows import fill_receiving
from portal.db.base import SCHEMA

# Chains differ in size: the one looked at has all, the next a quarter of that, the tenth a hundredth, the last ones few.
NUMBER = "(4 + %(number)s / power(1 + substr(a.slug, 7)::int, 2))::int"
LINES = 10
CATEGORIES = f"""
    INSERT INTO {SCHEMA}.unit_category (account_id, name)
    SELECT a.id, 'weight' FROM {SCHEMA}.account a ON CONFLICT DO NOTHING
"""
UNITS = f"""
    INSERT INTO {SCHEMA}.unit (account_id, name, symbol, unit_category_id, base_factor)
    SELECT c.account_id, 'Bench kilogram', 'bench kg', c.id, 1000 FROM {SCHEMA}.unit_category c WHERE c.name = 'weight'
"""
SUPPLIERS = f"""
    INSERT INTO {SCHEMA}.supplier (account_id, name, tax_id)
    SELECT a.id, (%(words)s::text[])[1 + n %% 15] || ' supplier ' || n, lpad(n::text, 10, '0')
    FROM {SCHEMA}.account a CROSS JOIN LATERAL generate_series(1, greatest(3, least(200, {NUMBER} / 5))) n
"""
ITEMS = f"""
    INSERT INTO {SCHEMA}.inventory_item (account_id, name, sku, default_unit_id, category, current_cost_per_unit,
        cost_changed_on)
    SELECT u.account_id, (%(words)s::text[])[1 + n %% 15] || ' item ' || n, 'sku-' || n, u.id,
        'category ' || n %% 12, CASE WHEN n %% 40 > 0 THEN 100 + n %% 900 END, current_date - n %% 300
    FROM {SCHEMA}.unit u JOIN {SCHEMA}.account a ON a.id = u.account_id
    CROSS JOIN LATERAL generate_series(1, greatest(10, least(20000, {NUMBER} / 5))) n
    WHERE u.symbol = 'bench kg'
"""
# Most are paid, one in a hundred is cancelled; the latest are open.
INVOICES = f"""
    INSERT INTO {SCHEMA}.invoice (account_id, supplier_id, restaurant_id, store_id, kind, status, source,
        invoice_number, invoice_date, total_amount, vat_total, currency)
    SELECT a.id, s.ids[1 + n %% cardinality(s.ids)], t.restaurants[1 + n %% cardinality(t.stores)],
        t.stores[1 + n %% cardinality(t.stores)], 'invoice',
        CASE WHEN n %% 100 = 7 THEN 'cancelled' WHEN n %% 9 = 0 THEN 'active' ELSE 'paid' END,
        (ARRAY['typed', 'file', 'iiko'])[1 + n %% 3], 'B-' || n, current_date - (n %% 700)::int,
        {LINES} * 100, {LINES} * 10, 'RUB'
    FROM {SCHEMA}.account a
    CROSS JOIN LATERAL (SELECT array_agg(id) AS ids FROM {SCHEMA}.supplier WHERE account_id = a.id) s
    CROSS JOIN LATERAL (
        SELECT array_agg(x.id) AS stores, array_agg(x.restaurant_id) AS restaurants
        FROM (SELECT id, restaurant_id FROM {SCHEMA}.store WHERE account_id = a.id ORDER BY id LIMIT 40) x
    ) t
    CROSS JOIN LATERAL generate_series(1, {NUMBER}) n
    WHERE cardinality(t.stores) > 0
"""
INVOICE_LINES = f"""
    INSERT INTO {SCHEMA}.invoice_item (account_id, invoice_id, position, inventory_item_id, description, quantity,
        unit_id, unit_price, line_total, vat_rate, vat_amount, base_quantity)
    SELECT v.account_id, v.id, n, i.id, 'Line ' || n, 2, i.unit_id, 50, 100, 11, 10, 2
    FROM (SELECT account_id, id, row_number() OVER (PARTITION BY account_id) AS place FROM {SCHEMA}.invoice) v
    JOIN (SELECT account_id, count(*) AS number FROM bench_items GROUP BY 1) c USING (account_id)
    CROSS JOIN generate_series(1, {LINES}) n
    JOIN bench_items i ON i.account_id = v.account_id AND i.place = (v.place * {LINES} + n) %% c.number
"""
PRICES = f"""
    INSERT INTO {SCHEMA}.inventory_item_price_history (account_id, inventory_item_id, restaurant_id, store_id, supplier_id,
        invoice_item_id, price_date, source, quantity, unit_id, amount, currency, base_quantity, change)
    SELECT l.account_id, l.inventory_item_id, v.restaurant_id, v.store_id, v.supplier_id, l.id, v.invoice_date, 'invoice',
        l.quantity, l.unit_id, l.line_total, 'RUB', l.base_quantity, (l.position - 5)
    FROM {SCHEMA}.invoice_item l JOIN {SCHEMA}.invoice v ON v.id = l.invoice_id WHERE v.status <> 'cancelled'
"""
EXCEPTIONS = f"""
    INSERT INTO {SCHEMA}.invoice_exception (account_id, invoice_id, invoice_item_id, kind, money_at_stake, state, evidence)
    SELECT l.account_id, l.invoice_id, l.id, 'price_shock', 10 + l.position,
        CASE WHEN v.status = 'active' AND l.position < 3 THEN 'open' ELSE 'accepted' END,
        '{{"from": "100.00", "to": "120.00", "percent": "20.00"}}'
    FROM {SCHEMA}.invoice_item l JOIN {SCHEMA}.invoice v ON v.id = l.invoice_id WHERE l.position <= 2 AND v.status <> 'paid'
"""
# One account's items in a row, so that its lines take one after the other.
ITEMS_OF_ACCOUNT = f"""
    CREATE TEMP TABLE bench_items ON COMMIT DROP AS
    SELECT account_id, id, default_unit_id AS unit_id, row_number() OVER (PARTITION BY account_id) - 1 AS place
    FROM {SCHEMA}.inventory_item
"""


def fill_supply(database: psycopg.Connection, number: int) -> None:
    """So many invoices in the chain looked at, with ten times as many lines; the totals are held by their making."""
    values = {"number": number, "words": WORDS}
    with database.transaction():
        database.execute(f"ALTER TABLE {SCHEMA}.invoice DISABLE TRIGGER check_total")
        for statement in (CATEGORIES, UNITS, SUPPLIERS, ITEMS, INVOICES, ITEMS_OF_ACCOUNT):
            database.execute(statement, values)
        database.execute(f"ALTER TABLE {SCHEMA}.invoice ENABLE TRIGGER check_total")
        # What they refer to was read from where it stands.
        database.execute("SET LOCAL session_replication_role = replica")
        for statement in (INVOICE_LINES, PRICES, EXCEPTIONS):
            database.execute(f"ANALYZE bench_items, {SCHEMA}.invoice, {SCHEMA}.invoice_item")
            _write_without_indexes(database, statement, values)
    fill_receiving(database, number)


def _write_without_indexes(database: psycopg.Connection, statement: str, values: dict[str, object]) -> None:
    """An index that is made of a million rows at once takes a fraction of one that is kept at each of them."""
    table = statement.split(f"INTO {SCHEMA}.")[1].split()[0]
    indexes = database.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisunique",
        [f"{SCHEMA}.{table}"],
    ).fetchall()
    for name, _definition in indexes:
        database.execute(f"DROP INDEX {name}")
    database.execute(statement, values)
    for _name, definition in indexes:
        database.execute(definition)
