CREATE OR REPLACE FUNCTION {schema}.check_match_amounts()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    told record;
BEGIN
    SELECT m.invoice_id, sum(m.amount) AS amount, v.total_amount INTO told
    FROM {schema}.reconciliation_match AS m
    JOIN {schema}.reconciliation_item AS i ON i.account_id = m.account_id AND i.id = m.reconciliation_item_id
    JOIN {schema}.invoice AS v ON v.account_id = m.account_id AND v.id = m.invoice_id
    WHERE m.undone_at IS NULL AND (m.account_id, m.invoice_id, i.reconciliation_id) IN (
        SELECT w.account_id, w.invoice_id, o.reconciliation_id
        FROM latter AS w
        JOIN {schema}.reconciliation_item AS o ON o.account_id = w.account_id AND o.id = w.reconciliation_item_id
    )
    GROUP BY m.account_id, m.invoice_id, i.reconciliation_id, v.total_amount
    HAVING sum(m.amount) NOT BETWEEN least(v.total_amount, 0) AND greatest(v.total_amount, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'rows of a statement are % of invoice %, its total is %', told.amount, told.invoice_id, told.total_amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'match_within_invoice';
    END IF;
    RETURN NULL;
END
$function$;
