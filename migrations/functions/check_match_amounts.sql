CREATE OR REPLACE FUNCTION {schema}.check_match_amounts()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    whole numeric;
    told numeric;
BEGIN
    -- When all is written: what a statement's rows are of an invoice comes one after the other.
    SELECT total_amount INTO whole FROM {schema}.invoice WHERE account_id = NEW.account_id AND id = NEW.invoice_id;
    SELECT sum(m.amount) INTO told
    FROM {schema}.reconciliation_item AS own
    JOIN {schema}.reconciliation_match AS m
        ON m.account_id = NEW.account_id AND m.invoice_id = NEW.invoice_id AND m.undone_at IS NULL
    JOIN {schema}.reconciliation_item AS i ON i.account_id = NEW.account_id AND i.id = m.reconciliation_item_id
    WHERE own.account_id = NEW.account_id AND own.id = NEW.reconciliation_item_id
        AND i.reconciliation_id = own.reconciliation_id;
    IF told NOT BETWEEN least(whole, 0) AND greatest(whole, 0) THEN
        RAISE EXCEPTION 'rows of a statement are % of invoice %, its total is %', told, NEW.invoice_id, whole
            USING ERRCODE = 'check_violation', CONSTRAINT = 'match_within_invoice';
    END IF;
    RETURN NULL;
END
$function$;
