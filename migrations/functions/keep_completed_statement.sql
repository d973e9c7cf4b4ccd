CREATE OR REPLACE FUNCTION {schema}.keep_completed_statement()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    -- What may change all the same: what a later month settled, and what refers to rows that were moved, merged or are gone.
    free text[] := ARRAY['updated_at', 'resolved_in_id', 'supplier_id', 'restaurant_id', 'store_id', 'document_id', 'grid'];
    touched text := CASE TG_OP
        WHEN 'INSERT' THEN 'latter AS t'
        WHEN 'DELETE' THEN 'former AS t'
        ELSE 'former AS t JOIN latter AS n ON n.id = t.id AND to_jsonb(n) - $1 <> to_jsonb(t) - $1'
    END;
    -- Of a statement itself it counts how it stood before.
    named text := CASE TG_TABLE_NAME
        WHEN 'reconciliation' THEN 'CASE WHEN t.status = ''completed'' THEN t.id END'
        WHEN 'reconciliation_item' THEN 't.reconciliation_id'
        ELSE 't.reconciliation_item_id'
    END;
    ids uuid[];
    is_refused boolean;
BEGIN
    -- All rows of a change at once, by lists of ids: whatever the planner knows of tables that are just being filled.
    EXECUTE 'SELECT array_agg(DISTINCT ' || named || ') FROM ' || touched INTO ids USING free;
    IF TG_TABLE_NAME = 'reconciliation_match' THEN
        ids := ARRAY(SELECT DISTINCT reconciliation_id FROM {schema}.reconciliation_item WHERE id = ANY (ids));
    END IF;
    IF TG_TABLE_NAME = 'reconciliation' THEN
        is_refused := array_remove(ids, NULL) <> '{}';
    ELSE
        is_refused := EXISTS (SELECT FROM {schema}.reconciliation WHERE id = ANY (ids) AND status = 'completed');
    END IF;
    IF is_refused THEN
        RAISE EXCEPTION 'a completed statement never changes (%)', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_completed';
    END IF;
    RETURN NULL;
END
$function$;
