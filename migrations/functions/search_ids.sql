CREATE OR REPLACE FUNCTION {schema}.search_ids(p_entity text, p_words text[], p_cap integer, p_by_title boolean)
RETURNS uuid[]
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    found uuid[];
BEGIN
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity
            AND content LIKE p_words[1] AND content LIKE ALL (p_words)
        LIMIT p_cap + 1
    ) entries;
    IF coalesce(cardinality(found), 0) <= p_cap THEN
        RETURN coalesce(found, '{}');
    END IF;
    IF p_by_title THEN
        -- Spread over the list, a common word fills a page from its first few thousand titles ...
        SELECT array_agg(row_id) INTO found FROM (
            SELECT row_id, content FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 3 * p_cap
        ) entries WHERE content LIKE ALL (p_words);
        IF cardinality(found) >= 100 THEN
            RETURN array_prepend(NULL, found);
        END IF;
        -- ... and gathered at its end (titles that begin with it) it takes a look at all that hold it.
        SELECT array_agg(row_id) INTO found FROM (
            SELECT row_id, title FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity
                AND content LIKE p_words[1] AND content LIKE ALL (p_words)
            ORDER BY title, row_id LIMIT p_cap
        ) entries;
        RETURN array_prepend(NULL, found);
    END IF;
    -- The next statement reads in the order of an index and stops soon; the planner, misled by
    -- the policy's estimate, would rather read and sort the whole account.
    PERFORM set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true);
    RETURN NULL;
END
$function$;
