CREATE OR REPLACE FUNCTION {schema}.keep_searched()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    title text;
    content text;
    account uuid;
BEGIN
    IF TG_TABLE_NAME = 'account' THEN
        account := NEW.id;
    ELSE
        account := NEW.account_id;
    END IF;
    CASE TG_TABLE_NAME
        WHEN 'account' THEN
            content := {schema}.searched_text(NEW.name, NEW.slug, NEW.description);
        WHEN 'restaurant' THEN
            title := NEW.name;
            content := {schema}.searched_text(NEW.name, NEW.address, NEW.phone, NEW.email);
        WHEN 'store' THEN
            title := NEW.name;
            content := {schema}.searched_text(NEW.name, NEW.address);
        WHEN 'bot_dialog_state' THEN
            content := {schema}.searched_text(
                NEW.person->>'name', NEW.person->>'username', NEW.platform_chat_id, NEW.current_step,
                {schema}.searched_answers(NEW.collected_data)
            );
        WHEN 'user' THEN
            content := {schema}.searched_text(NEW.full_name, NEW.email);
        WHEN 'bot_instance' THEN
            title := NEW.name;
            content := {schema}.searched_text(NEW.name, NEW.description);
        WHEN 'bot_scenario' THEN
            title := NEW.name;
            content := {schema}.searched_text(NEW.name, NEW.version, NEW.description);
        WHEN 'bot_media' THEN
            title := NEW.name;
            content := {schema}.searched_text(NEW.name, NEW.key);
        WHEN 'audit_event' THEN
            content := {schema}.searched_text(NEW.entity_label);
    END CASE;
    INSERT INTO {schema}.search_entry AS e (row_id, account_id, entity, title, content)
    VALUES (NEW.id, account, TG_TABLE_NAME, title, content)
    ON CONFLICT (row_id) DO UPDATE
        SET account_id = excluded.account_id, title = excluded.title, content = excluded.content
        WHERE (e.account_id, e.title, e.content)
            IS DISTINCT FROM (excluded.account_id, excluded.title, excluded.content);
    RETURN NULL;
END
$function$;
