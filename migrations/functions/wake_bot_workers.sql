CREATE OR REPLACE FUNCTION {schema}.wake_bot_workers()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_notify('getinn_bots', TG_TABLE_NAME);
    RETURN NULL;
END
$function$;
