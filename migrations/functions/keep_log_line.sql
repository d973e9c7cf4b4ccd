CREATE OR REPLACE FUNCTION {schema}.keep_log_line()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    emptied {schema}.audit_event := OLD;
    may_lose boolean := OLD.entity IN ('bot_dialog_state', 'bot_message', 'bot_inbound_update', 'bot_platform_credential');
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
    -- Of an erased person the lines keep what says nothing of who they were.
    IF OLD.entity IN (
        'staff_member', 'staff_onboarding', 'onboarding_step', 'staff_document', 'staff_question', 'staff_message',
        'staff_field', 'staff_intake', 'staff_chat', 'import_batch'
    ) AND NEW.entity_label IN ('erased person', 'удалённый человек') THEN
        may_lose := coalesce(OLD.before @> NEW.before, NEW.before IS NULL)
            AND coalesce(OLD.after @> NEW.after, NEW.after IS NULL);
        emptied.entity_label := NEW.entity_label;
        emptied.before := NEW.before;
        emptied.after := NEW.after;
    END IF;
    IF NOT may_lose OR NEW IS DISTINCT FROM emptied THEN
        RAISE EXCEPTION 'a line of the audit log can lose what it quotes, and nothing else'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$function$;
