CREATE OR REPLACE FUNCTION {schema}.touch_updated_at()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.updated_at := timezone('utc', clock_timestamp());
    RETURN NEW;
END
$function$;
