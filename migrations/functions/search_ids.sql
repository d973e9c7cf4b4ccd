CREATE OR REPLACE FUNCTION {schema}.search_ids(p_entity text, p_words text[], p_cap integer, p_by_title boolean)
RETURNS uuid[]
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    found uuid[];
    looked_at integer;
    second text := coalesce(p_words[2], p_words[1]);
BEGIN
    -- Where few rows are looked through, a word of one or two letters is found anywhere, too, and all rows are told.
    IF '% ' = ANY (SELECT left(word, 2) FROM unnest(p_words) word) AND NOT EXISTS (
        SELECT FROM {schema}.search_entry WHERE account_id = account AND entity = p_entity
        ORDER BY title, row_id OFFSET 3 * p_cap
    ) THEN
        RETURN coalesce((
            SELECT array_agg(row_id) FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity
                AND content LIKE ALL (SELECT regexp_replace(word, '^% ', '%') FROM unnest(p_words) word)
        ), '{}');
    END IF;
    -- A word that every third of the first titles holds is so common that no index need be asked ...
    SELECT count(*) FILTER (WHERE content LIKE ALL (p_words)) INTO looked_at FROM (
        SELECT content FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 100
    ) entries;
    IF looked_at > 33 THEN
        SELECT array_agg(row_id ORDER BY title, row_id) FILTER (WHERE content LIKE ALL (p_words)), count(*)
        INTO found, looked_at FROM (
            SELECT row_id, title, content FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 3 * p_cap + 1
        ) entries;
        IF cardinality(found) > p_cap THEN
            RETURN CASE WHEN p_by_title THEN array_prepend(NULL, found) END;
        ELSIF looked_at <= 3 * p_cap THEN
            RETURN coalesce(found, '{}');
        END IF;
    END IF;
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity
            AND content LIKE p_words[1] AND content LIKE second AND content LIKE ALL (p_words)
        LIMIT p_cap + 1
    ) entries;
    IF coalesce(cardinality(found), 0) <= p_cap THEN
        RETURN coalesce(found, '{}');
    END IF;
    IF p_by_title THEN
        -- ... spread over the list, it fills a page from its first few thousand titles ...
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
                AND content LIKE p_words[1] AND content LIKE second AND content LIKE ALL (p_words)
            ORDER BY title, row_id LIMIT p_cap
        ) entries;
        RETURN array_prepend(NULL, found);
    END IF;
    RETURN NULL;
END
$function$;
