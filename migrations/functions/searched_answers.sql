CREATE OR REPLACE FUNCTION {schema}.searched_answers(collected_data jsonb)
RETURNS text
LANGUAGE sql
IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT pg_catalog.string_agg(value, E' \n ')
    FROM pg_catalog.jsonb_each_text(
        CASE WHEN pg_catalog.jsonb_typeof(collected_data) = 'object' THEN collected_data ELSE '{}' END
    )
);
