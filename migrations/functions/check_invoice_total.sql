CREATE OR REPLACE FUNCTION {schema}.check_invoice_total()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    told record;
    owner uuid;
    paper uuid;
    lines numeric;
BEGIN
    -- Held against each other when all is written: lines and total come one after the other.
    IF TG_TABLE_NAME = 'invoice' THEN
        owner := NEW.account_id; paper := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        owner := OLD.account_id; paper := OLD.invoice_id;
    ELSE
        owner := NEW.account_id; paper := NEW.invoice_id;
    END IF;
    SELECT status, total_amount INTO told FROM {schema}.invoice WHERE account_id = owner AND id = paper;
    IF told.status IN ('active', 'paid') THEN
        SELECT coalesce(sum(line_total), 0) INTO lines
        FROM {schema}.invoice_item WHERE account_id = owner AND invoice_id = paper;
        IF lines <> told.total_amount THEN
            RAISE EXCEPTION 'the lines of invoice % make %, its total is %', paper, lines, told.total_amount
                USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_lines_make_total';
        END IF;
    END IF;
    RETURN NULL;
END
$function$;
