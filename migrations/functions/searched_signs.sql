CREATE OR REPLACE FUNCTION {schema}.searched_signs(account uuid, entity text, content text)
RETURNS text[]
LANGUAGE sql
IMMUTABLE PARALLEL SAFE STRICT
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- Each with its chain and table: what other chains hold is then no part of what is read. Those of addresses and
    -- telephone numbers stand in so many rows that they are soon found without.
    SELECT array(
        SELECT DISTINCT sign || ' ' || entity || ' ' || account::text
        FROM regexp_split_to_table(regexp_replace(content, '[[:alnum:][:space:]а-яё,.@+()-]+', '', 'g'), '') sign
        WHERE sign <> ''
    )
$function$;
