"""What a chain of ``bench.supply_rows`` orders, takes in, keeps and counts.

Of so many invoices a fifth were ordered before, and taken in; as many movements as invoices, and counts a twentieth.
What is open does not grow with the years: the last sixty orders are expected.
"""

import psycopg

from portal.db.base import SCHEMA

OPEN, LINES, COUNTED = 60, 4, 20
PLACES = f"""
    CREATE TEMP TABLE bench_places ON COMMIT DROP AS
    SELECT a.id AS account_id, (20 + %(number)s / power(1 + substr(a.slug, 7)::int, 2))::int AS number, s.ids AS suppliers, t.stores,
        t.restaurants, i.items, i.unit_id
    FROM {SCHEMA}.account a
    CROSS JOIN LATERAL (SELECT array_agg(id) AS ids FROM {SCHEMA}.supplier WHERE account_id = a.id) s
    CROSS JOIN LATERAL (
        SELECT array_agg(x.id) AS stores, array_agg(x.restaurant_id) AS restaurants
        FROM (SELECT id, restaurant_id FROM {SCHEMA}.store WHERE account_id = a.id ORDER BY id LIMIT 40) x
    ) t
    CROSS JOIN LATERAL (
        SELECT array_agg(x.id) AS items, (array_agg(x.default_unit_id))[1] AS unit_id
        FROM (SELECT id, default_unit_id FROM {SCHEMA}.inventory_item WHERE account_id = a.id ORDER BY id LIMIT 500) x
    ) i
    WHERE cardinality(t.stores) > 0
"""
ORDERS = f"""
    INSERT INTO {SCHEMA}.purchase_order (account_id, supplier_id, restaurant_id, store_id, status, po_number,
        expected_delivery_date, delivery_date, currency, created_at, sent_at)
    SELECT p.account_id, p.suppliers[1 + n %% cardinality(p.suppliers)], p.restaurants[1 + n %% cardinality(p.stores)],
        p.stores[1 + n %% cardinality(p.stores)],
        CASE WHEN n <= {OPEN} THEN (ARRAY['sent', 'draft', 'partially_received'])[1 + n %% 3]
            WHEN n %% 50 = 0 THEN 'cancelled' WHEN n %% 51 = 0 THEN 'closed' ELSE 'received' END,
        'PO-' || n, current_date + 4 - (n %% 700)::int, CASE WHEN n > {OPEN} THEN current_date - (n %% 700)::int END, 'RUB',
        timezone('utc', now()) - (n %% 700) * interval '1 day', timezone('utc', now()) - (n %% 700) * interval '1 day'
    FROM bench_places p CROSS JOIN LATERAL generate_series(1, p.number / 5) n
"""
ORDER_LINES = f"""
    INSERT INTO {SCHEMA}.purchase_order_item (account_id, purchase_order_id, position, inventory_item_id, quantity,
        unit_id, unit_price, base_quantity, received_quantity)
    SELECT o.account_id, o.id, n, p.items[1 + (o.place * {LINES} + n) %% cardinality(p.items)], 2, p.unit_id, 50, 2,
        CASE o.status WHEN 'received' THEN 2 WHEN 'partially_received' THEN n %% 2 ELSE 0 END
    FROM (SELECT *, row_number() OVER () AS place FROM {SCHEMA}.purchase_order) o
    JOIN bench_places p USING (account_id) CROSS JOIN generate_series(1, {LINES}) n
"""
DELIVERIES = f"""
    INSERT INTO {SCHEMA}.delivery (account_id, supplier_id, restaurant_id, store_id, purchase_order_id, status,
        received_at, paper_number, paper_total, request_key)
    SELECT o.account_id, o.supplier_id, o.restaurant_id, o.store_id, o.id,
        CASE WHEN substr(o.po_number, 4)::int %% 90 = 0 THEN 'reversed' ELSE 'received' END,
        o.created_at, 'D-' || substr(o.po_number, 4), 400, gen_random_uuid()
    FROM {SCHEMA}.purchase_order o WHERE o.status IN ('received', 'partially_received')
"""
DELIVERY_LINES = f"""
    INSERT INTO {SCHEMA}.delivery_item (account_id, delivery_id, position, purchase_order_item_id, inventory_item_id,
        quantity, unit_id, ordered_quantity, base_quantity)
    SELECT d.account_id, d.id, o.position, o.id, o.inventory_item_id, o.received_quantity, o.unit_id,
        o.received_quantity, o.received_quantity
    FROM {SCHEMA}.delivery d JOIN {SCHEMA}.purchase_order_item o USING (account_id, purchase_order_id)
    WHERE o.received_quantity > 0
"""
MOVEMENTS = f"""
    INSERT INTO {SCHEMA}.stock_movement (account_id, restaurant_id, store_id, inventory_item_id, lot_number, expiry_date,
        quantity, kind, happened_at, group_id)
    SELECT p.account_id, p.restaurants[1 + n %% cardinality(p.stores)], p.stores[1 + n %% cardinality(p.stores)],
        p.items[1 + n * 7 %% cardinality(p.items)], CASE n %% 5 WHEN 0 THEN 'L' || n / 5 %% 3 END,
        CASE n %% 5 WHEN 0 THEN current_date + (n / 5 %% 3)::int * 2 - 2 END,
        CASE n %% 3 WHEN 0 THEN -4 ELSE 3.5 END, CASE n %% 3 WHEN 0 THEN 'write_off' ELSE 'receipt' END,
        timezone('utc', now()) - n * interval '5 minutes', gen_random_uuid()
    FROM bench_places p CROSS JOIN LATERAL generate_series(1, p.number) n
"""
# As the trigger on movements leaves them.
BALANCES = f"""
    INSERT INTO {SCHEMA}.inventory_stock (account_id, restaurant_id, store_id, inventory_item_id, lot_number, expiry_date,
        quantity, unit_id, crossed_by_id)
    SELECT m.account_id, m.restaurant_id, m.store_id, m.inventory_item_id, m.lot_number, m.expiry_date, sum(m.quantity),
        (array_agg(p.unit_id))[1], CASE WHEN sum(m.quantity) < 0 THEN (array_agg(m.id ORDER BY m.happened_at DESC))[1] END
    FROM {SCHEMA}.stock_movement m JOIN bench_places p USING (account_id) GROUP BY 1, 2, 3, 4, 5, 6
"""
COUNTS = f"""
    INSERT INTO {SCHEMA}.stocktake (account_id, restaurant_id, store_id, status, created_at, posted_at)
    SELECT p.account_id, p.restaurants[1 + n %% cardinality(p.stores)], p.stores[1 + n %% cardinality(p.stores)],
        CASE WHEN n = 1 THEN 'counting' WHEN n %% 30 = 0 THEN 'abandoned' ELSE 'posted' END,
        timezone('utc', now()) - n * interval '3 hours', timezone('utc', now()) - n * interval '3 hours'
    FROM bench_places p CROSS JOIN LATERAL generate_series(1, p.number / 20) n
"""
COUNT_LINES = f"""
    INSERT INTO {SCHEMA}.stocktake_item (account_id, stocktake_id, inventory_item_id, counted_quantity, counted_at,
        expected_quantity, difference)
    SELECT c.account_id, c.id, p.items[1 + (n * 13) %% cardinality(p.items)], n, c.created_at, n + 1, -1
    FROM {SCHEMA}.stocktake c JOIN bench_places p USING (account_id) CROSS JOIN generate_series(1, {COUNTED}) n
    ON CONFLICT DO NOTHING
"""


def fill_receiving(database: psycopg.Connection, number: int) -> None:
    """What belongs to so many invoices in the chain looked at; what triggers keep is written as they would keep it."""
    values = {"number": number}
    with database.transaction():
        for statement in (PLACES, ORDERS, DELIVERIES, COUNTS):
            database.execute(statement, values)
        database.execute("SET LOCAL session_replication_role = replica")
        for statement in (ORDER_LINES, DELIVERY_LINES, MOVEMENTS, BALANCES, COUNT_LINES):
            database.execute(statement, values)
            database.execute(f"ANALYZE {SCHEMA}.purchase_order_item, {SCHEMA}.delivery, {SCHEMA}.stock_movement")
