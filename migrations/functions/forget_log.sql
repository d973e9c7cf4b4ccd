CREATE OR REPLACE FUNCTION {schema}.forget_log(p_before timestamp without time zone, p_limit integer)
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    door text := coalesce(current_setting('getinn.door', true), '');
    forgotten integer;
BEGIN
    PERFORM set_config('getinn.door', 'retention', true);
    DELETE FROM {schema}.audit_event WHERE id IN (
        SELECT id FROM {schema}.audit_event WHERE account_id = account
            AND at < least(p_before, timezone('utc', now()) - interval '1 year')
            -- That somebody was erased is to be proved for longer.
            AND (action <> 'person_erased' OR at < timezone('utc', now()) - interval '3 years')
        ORDER BY at LIMIT p_limit
    );
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('getinn.door', door, true);
    RETURN forgotten;
END
$function$;
