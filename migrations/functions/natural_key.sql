CREATE OR REPLACE FUNCTION {schema}.natural_key(name text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- Every number in ten digits: "Spot 2" stands before "Spot 10".
    RETURN lower(regexp_replace(
        regexp_replace(name, '([0-9]+)', '0000000000\1', 'g'), '[0-9]*([0-9]{10})', '\1', 'g'
    ));
END
$function$;
