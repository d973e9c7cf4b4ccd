CREATE OR REPLACE FUNCTION {schema}.touch_unless_read()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    -- That iiko was read, and how the row stands with it, is no change of the row.
    OLD.iiko_last_synced_at := NEW.iiko_last_synced_at;
    OLD.iiko_sync_status := NEW.iiko_sync_status;
    OLD.iiko_sync_error := NEW.iiko_sync_error;
    -- Worked out from the others, and not yet where this is asked.
    OLD.search_text := NEW.search_text;
    IF OLD IS DISTINCT FROM NEW THEN
        NEW.updated_at := timezone('utc', clock_timestamp());
    END IF;
    RETURN NEW;
END
$function$;
