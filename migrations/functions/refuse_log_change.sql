CREATE OR REPLACE FUNCTION {schema}.refuse_log_change()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    -- The doors of erase_from_log and forget_log; what these may do to a line keep_log_line says.
    IF TG_OP = 'UPDATE' AND current_setting('getinn.door', true) = 'erasure'
        OR TG_OP = 'DELETE' AND current_setting('getinn.door', true) = 'retention' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
END
$function$;
