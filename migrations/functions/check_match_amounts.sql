CREATE OR REPLACE FUNCTION {schema}.check_match_amounts()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    -- By lists of ids: whatever the planner knows of tables that are just being filled.
    invoices uuid[] := ARRAY(SELECT DISTINCT invoice_id FROM latter);
    items uuid[] := ARRAY(SELECT DISTINCT reconciliation_item_id FROM latter);
    statements uuid[] := ARRAY(SELECT DISTINCT reconciliation_id FROM {schema}.reconciliation_item WHERE id = ANY (items));
    told record;
BEGIN
    WITH matched AS MATERIALIZED (
        SELECT invoice_id, reconciliation_item_id, amount FROM {schema}.reconciliation_match
        WHERE invoice_id = ANY (invoices) AND undone_at IS NULL
    ), of_items AS MATERIALIZED (
        SELECT id, reconciliation_id FROM {schema}.reconciliation_item
        WHERE id = ANY (ARRAY(SELECT reconciliation_item_id FROM matched)) AND reconciliation_id = ANY (statements)
    ), summed AS MATERIALIZED (
        SELECT invoice_id, sum(amount) AS amount
        FROM matched JOIN of_items ON of_items.id = reconciliation_item_id
        GROUP BY invoice_id, reconciliation_id
    ), wholes AS MATERIALIZED (
        SELECT id, total_amount FROM {schema}.invoice WHERE id = ANY (invoices)
    )
    SELECT summed.invoice_id, summed.amount, total_amount INTO told
    FROM summed JOIN wholes ON wholes.id = summed.invoice_id
    WHERE summed.amount NOT BETWEEN least(total_amount, 0) AND greatest(total_amount, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'rows of a statement are % of invoice %, its total is %', told.amount, told.invoice_id, told.total_amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'match_within_invoice';
    END IF;
    RETURN NULL;
END
$function$;
