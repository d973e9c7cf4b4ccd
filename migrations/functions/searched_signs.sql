CREATE OR REPLACE FUNCTION {schema}.searched_signs(account uuid, entity text, content text)
RETURNS text[]
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE STRICT
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    -- Those of addresses and telephone numbers stand in so many rows that they are soon found without an index.
    signs text := regexp_replace(content, '[[:alnum:][:space:]а-яё,.@+()-]+', '', 'g');
BEGIN
    IF signs = '' THEN
        RETURN '{}';
    END IF;
    -- Each with its chain and table: what other chains hold is then no part of what is read.
    RETURN array(
        SELECT DISTINCT sign || ' ' || entity || ' ' || account::text FROM unnest(string_to_array(signs, NULL)) sign
    );
END
$function$;
