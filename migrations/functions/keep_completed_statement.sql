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
    is_completed text := CASE TG_TABLE_NAME
        WHEN 'reconciliation' THEN 't.status = ''completed'''
        WHEN 'reconciliation_item' THEN
            'EXISTS (SELECT FROM {schema}.reconciliation AS r'
            ' WHERE r.account_id = t.account_id AND r.id = t.reconciliation_id AND r.status = ''completed'')'
        ELSE
            'EXISTS (SELECT FROM {schema}.reconciliation_item AS i'
            ' JOIN {schema}.reconciliation AS r ON r.account_id = i.account_id AND r.id = i.reconciliation_id'
            ' WHERE i.account_id = t.account_id AND i.id = t.reconciliation_item_id AND r.status = ''completed'')'
    END;
    is_refused boolean;
BEGIN
    -- All rows of a statement at once: a long one is written in a few.
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || touched || ' WHERE ' || is_completed || ')' INTO is_refused USING free;
    IF is_refused THEN
        RAISE EXCEPTION 'a completed statement never changes (%)', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_completed';
    END IF;
    RETURN NULL;
END
$function$;
