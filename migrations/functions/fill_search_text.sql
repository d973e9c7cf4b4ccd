CREATE OR REPLACE FUNCTION {schema}.fill_search_text()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_TABLE_NAME = 'restaurant' THEN
        NEW.search_text := {schema}.restaurant_search_text(NEW.name, NEW.address, NEW.phone, NEW.email);
    ELSIF TG_TABLE_NAME = 'store' THEN
        NEW.search_text := {schema}.store_search_text(NEW.name, NEW.address);
    ELSE
        NEW.search_text := {schema}.bot_dialog_state_search_text(NEW.platform_chat_id, NEW.current_step, NEW.collected_data, NEW.person);
    END IF;
    RETURN NEW;
END
$function$;
