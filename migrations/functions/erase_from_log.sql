CREATE OR REPLACE FUNCTION {schema}.erase_from_log(p_dialogs uuid[], p_chat text)
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
    UPDATE {schema}.audit_event e SET entity_label = '—', before = NULL, after = NULL
    WHERE account_id = account AND action NOT IN ('erased', 'exported') AND (
        entity = 'bot_dialog_state' AND entity_id = ANY (p_dialogs)
        OR entity = 'bot_message' AND entity_id IN (
            SELECT m.id FROM {schema}.bot_message m WHERE m.account_id = account AND m.dialog_id = ANY (p_dialogs)
        )
        OR entity = 'bot_inbound_update' AND entity_label = p_chat
        OR entity = 'bot_platform_credential' AND action = 'tested' AND after->>'chat' = p_chat
    );
    GET DIAGNOSTICS emptied = ROW_COUNT;
    PERFORM set_config('getinn.door', door, true);
    RETURN emptied;
END
$function$;
