CREATE OR REPLACE FUNCTION {schema}.keep_log_line()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    emptied {schema}.audit_event := OLD;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at > timezone('utc', now()) - interval '1 year' THEN
            RAISE EXCEPTION 'the audit log is kept for a year' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN OLD;
    END IF;
    emptied.entity_label := '—';
    emptied.before := NULL;
    emptied.after := NULL;
    IF OLD.entity NOT IN ('bot_dialog_state', 'bot_message', 'bot_inbound_update', 'bot_platform_credential')
        OR NEW IS DISTINCT FROM emptied THEN
        RAISE EXCEPTION 'a line of the audit log can lose what it quotes, and nothing else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$function$;
