CREATE OR REPLACE FUNCTION {schema}.touch_unless_read()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    -- That iiko was read, and how the row stands with it, is no change of the row. The others are worked out from what
    -- stands beside them, and not yet where this is asked.
    aside CONSTANT text[] := ARRAY[
        'iiko_last_synced_at', 'iiko_sync_status', 'iiko_sync_error', 'search_text', 'number_key', 'number_core'
    ];
BEGIN
    IF to_jsonb(OLD) - aside IS DISTINCT FROM to_jsonb(NEW) - aside THEN
        NEW.updated_at := timezone('utc', clock_timestamp());
    END IF;
    RETURN NEW;
END
$function$;
