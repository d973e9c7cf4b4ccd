CREATE OR REPLACE FUNCTION {schema}.forget_search_entry()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    DELETE FROM {schema}.search_entry WHERE row_id = OLD.id;
    RETURN NULL;
END
$function$;
