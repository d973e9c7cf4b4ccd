CREATE OR REPLACE FUNCTION {schema}.search_first_titles(p_entity text, p_word text, p_words text[], p_cap integer)
RETURNS uuid[]
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO 'pg_catalog', 'pg_temp'
SET plan_cache_mode TO 'force_custom_plan'
SET enable_bitmapscan TO 'on'
AS $function$
-- The first rows by title that hold all words, one of which many titles begin with; NULL where it is no such word.
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    beginning text := {schema}.searched_head(p_word);
    letters text := left(regexp_replace(left(beginning, -1), '\\(.)', '\1', 'g'), 3);
    beginnings text[] := '{}';
    next_letters text;
    wanted integer := p_cap / 10;
    titles text[];
    ids uuid[];
    further_titles text[];
    further_ids uuid[];
BEGIN
    IF beginning = '' THEN
        RETURN NULL;
    END IF;
    -- The first three letters of titles that fit, from one to the next by the index.
    SELECT min(left({schema}.searched_head(content), 3) COLLATE "C") INTO next_letters FROM {schema}.search_entry
    WHERE account_id = account AND entity = p_entity AND title IS NOT NULL
        AND left({schema}.searched_head(content), 3) COLLATE "C" >= letters;
    WHILE starts_with(next_letters, letters) LOOP
        beginnings := beginnings || next_letters;
        IF cardinality(beginnings) > p_cap / 20 THEN
            RETURN NULL;
        END IF;
        SELECT min(left({schema}.searched_head(content), 3) COLLATE "C") INTO next_letters FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity AND title IS NOT NULL
            AND left({schema}.searched_head(content), 3) COLLATE "C" > next_letters;
    END LOOP;
    -- In the order of the index: the planner, who expects few, would read and sort them all.
    PERFORM set_config('enable_bitmapscan', 'off', true);
    SELECT array_agg(found.title), array_agg(found.row_id) INTO titles, ids
    FROM unnest(beginnings) each, LATERAL (
        SELECT title, row_id FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity AND title IS NOT NULL
            AND left({schema}.searched_head(content), 3) COLLATE "C" = each
            AND {schema}.searched_head(content) LIKE beginning AND content LIKE ALL (p_words)
        ORDER BY title, row_id LIMIT wanted
    ) found;
    PERFORM set_config('enable_bitmapscan', 'on', true);
    IF coalesce(cardinality(ids), 0) < wanted THEN
        RETURN NULL;
    END IF;
    -- All that hold it further on: what stands after the first letter cannot begin with it.
    SELECT array_agg(title), array_agg(row_id) INTO further_titles, further_ids FROM (
        SELECT title, row_id FROM {schema}.search_entry
        WHERE account_id = account AND entity = p_entity AND title IS NOT NULL
            AND substr({schema}.searched_head(content), 2) LIKE p_word AND content LIKE ALL (p_words)
        LIMIT p_cap + 1
    ) entries;
    IF cardinality(further_ids) > p_cap THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(row_id) INTO ids FROM (
        SELECT row_id FROM (
            SELECT DISTINCT title, row_id FROM unnest(titles || further_titles, ids || further_ids) either (title, row_id)
        ) found ORDER BY title, row_id LIMIT wanted
    ) firsts;
    RETURN ids;
END
$function$;
