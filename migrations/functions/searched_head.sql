CREATE OR REPLACE FUNCTION {schema}.searched_head(content text)
RETURNS text
LANGUAGE sql
IMMUTABLE PARALLEL SAFE STRICT
AS $function$
    SELECT pg_catalog.ltrim(content, E' \n\t!"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~\u00a0«»№\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2026')
$function$;
