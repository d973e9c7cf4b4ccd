CREATE OR REPLACE FUNCTION {schema}.move_with_person()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE {schema}.staff_field SET restaurant_id = NEW.restaurant_id
    WHERE account_id = NEW.account_id AND staff_member_id = NEW.id;
    UPDATE {schema}.staff_document SET restaurant_id = NEW.restaurant_id
    WHERE account_id = NEW.account_id AND staff_member_id = NEW.id;
    UPDATE {schema}.staff_question SET restaurant_id = NEW.restaurant_id
    WHERE account_id = NEW.account_id AND staff_member_id = NEW.id;
    UPDATE {schema}.staff_message SET restaurant_id = NEW.restaurant_id
    WHERE account_id = NEW.account_id AND staff_member_id = NEW.id;
    UPDATE {schema}.onboarding_step SET restaurant_id = NEW.restaurant_id
    WHERE account_id = NEW.account_id AND staff_onboarding_id IN (
        SELECT id FROM {schema}.staff_onboarding WHERE account_id = NEW.account_id AND staff_member_id = NEW.id
    );
    UPDATE {schema}.staff_onboarding SET restaurant_id = NEW.restaurant_id
    WHERE account_id = NEW.account_id AND staff_member_id = NEW.id;
    RETURN NULL;
END
$function$;
