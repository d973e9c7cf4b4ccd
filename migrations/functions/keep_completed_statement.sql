CREATE OR REPLACE FUNCTION {schema}.keep_completed_statement()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    former jsonb := CASE WHEN TG_OP = 'INSERT' THEN to_jsonb(NEW) ELSE to_jsonb(OLD) END;
    latter jsonb := CASE WHEN TG_OP = 'DELETE' THEN former ELSE to_jsonb(NEW) END;
    -- What may change all the same: what a later month settled, and what refers to rows that were moved, merged or are gone.
    free text[] := ARRAY['updated_at', 'resolved_in_id', 'supplier_id', 'restaurant_id', 'store_id', 'document_id', 'grid'];
    is_completed boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND former - free = latter - free THEN
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'reconciliation' THEN
        is_completed := former->>'status' = 'completed';
    ELSIF TG_TABLE_NAME = 'reconciliation_item' THEN
        SELECT status = 'completed' INTO is_completed FROM {schema}.reconciliation
        WHERE account_id = (former->>'account_id')::uuid AND id = (former->>'reconciliation_id')::uuid;
    ELSE
        SELECT r.status = 'completed' INTO is_completed FROM {schema}.reconciliation_item AS i
        JOIN {schema}.reconciliation AS r ON r.account_id = i.account_id AND r.id = i.reconciliation_id
        WHERE i.account_id = (former->>'account_id')::uuid AND i.id = (former->>'reconciliation_item_id')::uuid;
    END IF;
    IF is_completed THEN
        RAISE EXCEPTION 'a completed statement never changes (%)', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_completed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$function$;
