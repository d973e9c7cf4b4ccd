CREATE OR REPLACE FUNCTION {schema}.fill_staff_restaurant()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    -- What is told of a person belongs to the person's restaurant; what is of nobody yet keeps its own.
    IF TG_TABLE_NAME = 'onboarding_step' THEN
        SELECT o.restaurant_id INTO NEW.restaurant_id FROM {schema}.staff_onboarding o
        WHERE o.account_id = NEW.account_id AND o.id = NEW.staff_onboarding_id;
    ELSIF NEW.staff_member_id IS NOT NULL THEN
        SELECT m.restaurant_id INTO NEW.restaurant_id FROM {schema}.staff_member m
        WHERE m.account_id = NEW.account_id AND m.id = NEW.staff_member_id;
    END IF;
    RETURN NEW;
END
$function$;
