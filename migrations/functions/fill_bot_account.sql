CREATE OR REPLACE FUNCTION {schema}.fill_bot_account()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.account_id IS NULL
        OR TG_OP = 'UPDATE' AND NEW.bot_id <> OLD.bot_id AND NEW.account_id = OLD.account_id THEN
        SELECT account_id INTO NEW.account_id FROM {schema}.bot_instance WHERE id = NEW.bot_id;
    END IF;
    RETURN NEW;
END
$function$;
