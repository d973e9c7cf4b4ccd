CREATE OR REPLACE FUNCTION {schema}.invoice_number_core(number text, day date)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    runs text[] := regexp_split_to_array(btrim(regexp_replace({schema}.invoice_number_key(number), '[^0-9]+', ' ', 'g')), ' ');
    -- "INV-2026-0012" of 2026 is number 12, and "2026" of 2026 is number 2026.
    others text[] := array_remove(runs, extract(year FROM day)::text);
BEGIN
    RETURN array_to_string(CASE WHEN cardinality(others) > 0 THEN others ELSE runs END, '/');
END
$function$;
