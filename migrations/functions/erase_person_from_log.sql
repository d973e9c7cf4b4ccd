CREATE OR REPLACE FUNCTION {schema}.erase_person_from_log(p_rows uuid[], p_label text, p_kept text[])
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    door text := coalesce(current_setting('getinn.door', true), '');
    emptied integer;
BEGIN
    PERFORM set_config('getinn.door', 'erasure', true);
    -- What was done to them and when stays, with what says nothing of who they were.
    UPDATE {schema}.audit_event e SET entity_label = p_label,
        before = (SELECT jsonb_object_agg(b.key, b.value) FROM jsonb_each(e.before) b WHERE b.key = ANY (p_kept)),
        after = (SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each(e.after) a WHERE a.key = ANY (p_kept))
    WHERE e.account_id = account AND e.entity_id = ANY (p_rows) AND e.action <> 'person_erased';
    GET DIAGNOSTICS emptied = ROW_COUNT;
    PERFORM set_config('getinn.door', door, true);
    RETURN emptied;
END
$function$;
