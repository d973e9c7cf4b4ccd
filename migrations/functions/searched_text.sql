CREATE OR REPLACE FUNCTION {schema}.searched_text(VARIADIC parts text[])
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    -- A line for each part: numbers that stand side by side in two columns are not one number.
    told text := translate(lower(array_to_string(parts, E' \n ')), 'ёЁ', 'ее');
    numbers text := '';
BEGIN
    -- Letters that were written as a letter and a mark above it.
    IF told ~ '[\u0306\u0308]' THEN
        told := replace(replace(told, E'е\u0308', 'е'), E'и\u0306', 'й');
    END IF;
    -- What looks like a telephone number is found by its digits, however they are parted.
    IF told ~ '[0-9](?:[ \u00a0()+\u2010-\u2013-]*[0-9]){6}' THEN
        SELECT E' \n ' || string_agg(run[1], ' ') INTO numbers
        FROM regexp_matches(translate(told, E' \u00a0()+-\u2010\u2011\u2012\u2013', ''), '[0-9]{7,}', 'g') run;
    END IF;
    -- A word of one or two letters is looked for where words begin, so each sign stands by itself.
    RETURN ' ' || regexp_replace(told, '([!-/:-@[-`{-~\u00a0«»№\u2010-\u2026])', ' \1 ', 'g') || numbers;
END
$function$;
