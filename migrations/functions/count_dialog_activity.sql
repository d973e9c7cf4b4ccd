CREATE OR REPLACE FUNCTION {schema}.count_dialog_activity()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    former timestamp;
    present timestamp;
    account uuid;
    door text;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.superseded_at IS NULL THEN
        former := date_bin('15 minutes', OLD.last_interaction_at, '2000-01-01');
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.superseded_at IS NULL THEN
        present := date_bin('15 minutes', NEW.last_interaction_at, '2000-01-01');
    END IF;
    IF former IS NOT DISTINCT FROM present THEN
        RETURN NULL;
    END IF;
    account := CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
    door := coalesce(current_setting('getinn.door', true), '');
    PERFORM set_config('getinn.door', 'activity', true);
    -- Rows are added and never changed: nobody waits for the counter of another conversation.
    INSERT INTO {schema}.dialog_activity (account_id, quarter, change)
    SELECT account, quarter, change FROM (VALUES (former, -1), (present, 1)) changes(quarter, change)
    WHERE quarter IS NOT NULL;
    PERFORM set_config('getinn.door', door, true);
    RETURN NULL;
END
$function$;
