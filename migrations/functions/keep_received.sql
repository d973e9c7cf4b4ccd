CREATE OR REPLACE FUNCTION {schema}.keep_received()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    owner uuid;
    touched uuid[];
BEGIN
    IF TG_TABLE_NAME = 'delivery' THEN
        owner := NEW.account_id;
        SELECT array_agg(purchase_order_item_id) INTO touched FROM {schema}.delivery_item
        WHERE account_id = owner AND delivery_id = NEW.id AND purchase_order_item_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        owner := OLD.account_id; touched := ARRAY[OLD.purchase_order_item_id];
    ELSIF TG_OP = 'INSERT' THEN
        owner := NEW.account_id; touched := ARRAY[NEW.purchase_order_item_id];
    ELSE
        owner := NEW.account_id; touched := ARRAY[OLD.purchase_order_item_id, NEW.purchase_order_item_id];
    END IF;
    -- In the order of the keys: two deliveries of one order never wait for each other in a circle.
    PERFORM FROM {schema}.purchase_order_item
    WHERE account_id = owner AND id = ANY (touched) ORDER BY id FOR UPDATE;
    UPDATE {schema}.purchase_order_item ordered SET received_quantity = (
        SELECT coalesce(sum(came.ordered_quantity), 0) FROM {schema}.delivery_item came
        JOIN {schema}.delivery d ON d.account_id = came.account_id AND d.id = came.delivery_id
        WHERE came.account_id = owner AND came.purchase_order_item_id = ordered.id AND d.status = 'received'
    )
    WHERE ordered.account_id = owner AND ordered.id = ANY (touched);
    RETURN NULL;
END
$function$;
