-- Nothing calls it any more but web processes and workers of the version before, while an upgrade is under way.
-- The release after this one drops it.
CREATE OR REPLACE FUNCTION {schema}.open_hook(p_platform text, p_credential uuid)
RETURNS TABLE(credential_id uuid, account_id uuid, bot_id uuid, credentials jsonb, is_live boolean)
LANGUAGE plpgsql
AS $function$
#variable_conflict use_variable
BEGIN
    PERFORM set_config('getinn.door', 'accounts', true);
    SELECT c.id, c.account_id, c.bot_id, c.credentials, c.is_active AND b.is_active AND a.is_active
    INTO credential_id, account_id, bot_id, credentials, is_live
    FROM {schema}.bot_platform_credential c
    JOIN {schema}.bot_instance b ON b.id = c.bot_id
    JOIN {schema}.account a ON a.id = c.account_id
    WHERE c.id = p_credential AND c.platform = p_platform AND c.superseded_at IS NULL;
    PERFORM set_config('getinn.door', '', true);
    IF credential_id IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('getinn.account_id', account_id::text, true);
    RETURN NEXT;
END
$function$;
