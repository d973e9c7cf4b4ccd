CREATE OR REPLACE FUNCTION {schema}.keep_search_entry()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE title varchar;
BEGIN
    IF TG_NARGS = 1 THEN
        title := NEW.name;
    END IF;
    INSERT INTO {schema}.search_entry AS e (row_id, account_id, entity, title, content)
    VALUES (NEW.id, NEW.account_id, TG_TABLE_NAME, title, NEW.search_text)
    ON CONFLICT (row_id) DO UPDATE
        SET account_id = excluded.account_id, title = excluded.title, content = excluded.content
        WHERE (e.account_id, e.title, e.content)
            IS DISTINCT FROM (excluded.account_id, excluded.title, excluded.content);
    RETURN NULL;
END
$function$;
