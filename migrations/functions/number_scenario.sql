CREATE OR REPLACE FUNCTION {schema}.number_scenario()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('number_scenario' || NEW.bot_id::text, 0));
    SELECT coalesce(max(number), 0) + 1 INTO NEW.number FROM {schema}.bot_scenario WHERE bot_id = NEW.bot_id;
    RETURN NEW;
END
$function$;
