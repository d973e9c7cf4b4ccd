CREATE OR REPLACE FUNCTION {schema}.keep_stock()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
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
        END;
    RETURN NULL;
END
$function$;
