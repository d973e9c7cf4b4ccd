CREATE OR REPLACE FUNCTION {schema}.store_search_text(name character varying, address text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ BEGIN RETURN lower(concat_ws(' ', name, address)); END $function$;
