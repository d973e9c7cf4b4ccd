CREATE OR REPLACE FUNCTION {schema}.refuse_movement_change()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    -- A store that moves to another restaurant takes its movements along: that alone is no change of theirs.
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY['restaurant_id', 'updated_at']
            IS NOT DISTINCT FROM to_jsonb(NEW) - ARRAY['restaurant_id', 'updated_at'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'movements of stock are added, and never changed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_movement_is_added';
END
$function$;
