CREATE OR REPLACE FUNCTION {schema}.search_ids(p_entity text, p_words text[], p_cap integer, p_by_title boolean)
RETURNS uuid[]
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
SET plan_cache_mode TO 'force_custom_plan'
AS $function$
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    has_one boolean := cardinality(p_words) = 1;
    -- Without a letter or a figure there is nothing to ask an index for.
    is_indexed boolean := p_words[1] ~ '[^\W_]';
    found uuid[];
    matches integer;
    first_word text;
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
    -- What every third of the first titles holds is so common that no index need be asked.
    SELECT count(*) INTO matches FROM (
        SELECT content FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 100
    ) entries WHERE content LIKE p_words[1] AND (has_one OR content LIKE ALL (p_words));
    IF matches > 33 THEN
        SELECT array_agg(row_id) INTO found FROM (
            SELECT row_id FROM (
                SELECT row_id, content FROM {schema}.search_entry
                WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 3 * p_cap
            ) entries WHERE content LIKE p_words[1] AND (has_one OR content LIKE ALL (p_words))
            LIMIT p_cap + 1
        ) titles;
        IF cardinality(found) > p_cap THEN
            RETURN CASE WHEN p_by_title THEN array_prepend(NULL, found) END;
        END IF;
    END IF;
    IF NOT is_indexed THEN
        SELECT array_agg(row_id) INTO found FROM (
            SELECT row_id FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity AND content LIKE ALL (p_words)
                AND {schema}.searched_signs(account_id, entity, content)
                    @> {schema}.searched_signs(account, p_entity, regexp_replace(substr(p_words[1], 2, length(p_words[1]) - 2), '\\(.)', '\1', 'g'))
            LIMIT p_cap + 1
        ) entries;
        RETURN CASE WHEN cardinality(found) > p_cap THEN NULL ELSE coalesce(found, '{}') END;
    END IF;
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity AND content LIKE p_words[1]
            AND (p_words[2] IS NULL OR content LIKE p_words[2]) AND (has_one OR content LIKE ALL (p_words))
        LIMIT p_cap + 1
    ) entries;
    IF coalesce(cardinality(found), 0) <= p_cap THEN
        RETURN coalesce(found, '{}');
    ELSIF NOT p_by_title THEN
        RETURN NULL;
    END IF;
    -- Spread over the list, a common word fills a page from its first titles ...
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM (
            SELECT row_id, content FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT p_cap
        ) entries WHERE content LIKE p_words[1] AND (has_one OR content LIKE ALL (p_words))
        LIMIT p_cap / 10
    ) titles;
    IF cardinality(found) > p_cap / 20 THEN
        RETURN array_prepend(NULL, found);
    END IF;
    -- ... one that titles begin with has its place in their order ...
    FOREACH first_word IN ARRAY p_words LOOP
        found := {schema}.search_first_titles(p_entity, first_word, p_words, p_cap);
        IF found IS NOT NULL THEN
            RETURN array_prepend(NULL, found);
        END IF;
    END LOOP;
    -- ... what names are told apart by (their second words) comes a little later ...
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM (
            SELECT row_id, content FROM {schema}.search_entry
            WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 5 * p_cap
        ) entries WHERE content LIKE p_words[1] AND (has_one OR content LIKE ALL (p_words))
        LIMIT p_cap / 10
    ) titles;
    IF cardinality(found) > p_cap / 20 THEN
        RETURN array_prepend(NULL, found);
    END IF;
    -- ... and gathered elsewhere in the order it takes a look at all that hold it.
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity AND content LIKE p_words[1]
            AND (p_words[2] IS NULL OR content LIKE p_words[2]) AND (has_one OR content LIKE ALL (p_words))
        ORDER BY title, row_id LIMIT p_cap
    ) entries;
    RETURN array_prepend(NULL, found);
END
$function$;
