CREATE OR REPLACE FUNCTION {schema}.fill_account_slug()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    base text := trim(BOTH '-' FROM left(lower(regexp_replace(NEW.name, '[^A-Za-z0-9]+', '-', 'g')), 40));
BEGIN
    -- Two accounts of one name, made side by side, see each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('account_slug' || base, 0));
    NEW.slug := nullif(base, '');
    IF base IN ('', 'new', 'switcher', 'export')
        OR EXISTS (SELECT FROM {schema}.account WHERE slug = base) THEN
        NEW.slug := concat_ws('-', coalesce(nullif(base, ''), 'chain'), left(NEW.id::text, 8));
    END IF;
    RETURN NEW;
END
$function$;
