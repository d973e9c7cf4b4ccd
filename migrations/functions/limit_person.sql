-- Whoever is assigned to a restaurant is limited to those assigned, also by a writer that does not know the column. Taking
-- the last assignment away, or deleting its restaurant, leaves the limit: then the person sees none.
CREATE OR REPLACE FUNCTION {schema}.limit_person()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE {schema}."user" SET restaurants_limited = true
    WHERE account_id = NEW.account_id AND id = NEW.user_id AND NOT restaurants_limited;
    RETURN NULL;
END
$function$;
