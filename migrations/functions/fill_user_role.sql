CREATE OR REPLACE FUNCTION {schema}.fill_user_role()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.role := CASE WHEN EXISTS (
        SELECT FROM {schema}."user" WHERE account_id = NEW.account_id AND role = 'owner' AND is_active
    ) THEN 'viewer' ELSE 'owner' END;
    RETURN NEW;
END
$function$;
