CREATE OR REPLACE FUNCTION {schema}.restaurant_search_text(name character varying, address text, phone character varying, email character varying)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ BEGIN RETURN lower(concat_ws(' ', name, address, phone, email)); END $function$;
