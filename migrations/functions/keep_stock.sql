CREATE OR REPLACE FUNCTION {schema}.keep_stock()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    held numeric;
BEGIN
    INSERT INTO {schema}.inventory_stock AS stock
        (account_id, restaurant_id, store_id, inventory_item_id, lot_number, expiry_date, quantity, unit_id,
         crossed_by_id)
    SELECT NEW.account_id, NEW.restaurant_id, NEW.store_id, NEW.inventory_item_id, NEW.lot_number, NEW.expiry_date,
        NEW.quantity, item.default_unit_id, CASE WHEN NEW.quantity < 0 THEN NEW.id END
    FROM {schema}.inventory_item item
    WHERE item.account_id = NEW.account_id AND item.id = NEW.inventory_item_id
    ON CONFLICT (account_id, store_id, inventory_item_id, lot_number, expiry_date) DO UPDATE SET
        quantity = stock.quantity + excluded.quantity,
        last_updated = timezone('utc', clock_timestamp()),
        crossed_by_id = CASE
            WHEN stock.quantity + excluded.quantity >= 0 THEN NULL
            ELSE coalesce(stock.crossed_by_id, NEW.id)
        END
    RETURNING quantity INTO held;
    -- What happened before something that was entered already: by which of all it went below zero is looked up anew.
    IF held < 0 AND EXISTS (
        SELECT FROM {schema}.stock_movement later
        WHERE later.account_id = NEW.account_id AND later.store_id = NEW.store_id
            AND later.inventory_item_id = NEW.inventory_item_id
            AND later.lot_number IS NOT DISTINCT FROM NEW.lot_number
            AND later.expiry_date IS NOT DISTINCT FROM NEW.expiry_date
            AND later.happened_at >= NEW.happened_at
            AND (later.happened_at, later.created_at, later.id) > (NEW.happened_at, NEW.created_at, NEW.id)
    ) THEN
        WITH running AS (
            SELECT each.id, row_number() OVER entered AS place, sum(each.quantity) OVER entered AS held
            FROM {schema}.stock_movement each
            WHERE each.account_id = NEW.account_id AND each.store_id = NEW.store_id
                AND each.inventory_item_id = NEW.inventory_item_id
                AND each.lot_number IS NOT DISTINCT FROM NEW.lot_number
                AND each.expiry_date IS NOT DISTINCT FROM NEW.expiry_date
            WINDOW entered AS (ORDER BY each.happened_at, each.created_at, each.id)
        )
        UPDATE {schema}.inventory_stock stock SET crossed_by_id = (
            SELECT running.id FROM running
            WHERE running.place > coalesce((SELECT max(place) FROM running WHERE running.held >= 0), 0)
            ORDER BY running.place LIMIT 1
        )
        WHERE stock.account_id = NEW.account_id AND stock.store_id = NEW.store_id
            AND stock.inventory_item_id = NEW.inventory_item_id
            AND stock.lot_number IS NOT DISTINCT FROM NEW.lot_number
            AND stock.expiry_date IS NOT DISTINCT FROM NEW.expiry_date;
    END IF;
    RETURN NULL;
END
$function$;
