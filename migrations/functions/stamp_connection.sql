CREATE OR REPLACE FUNCTION {schema}.stamp_connection()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    states text[] := ARRAY[NEW.state];
    problems text[] := ARRAY[NEW.problem];
    words text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        states := states || OLD.state::text;
        problems := problems || OLD.problem::text;
    END IF;
    SELECT array_agg(DISTINCT CASE
        WHEN state IN ('off', 'removing') THEN 'off'
        WHEN state = 'connecting' THEN 'connecting'
        WHEN state = 'failing' OR problem IS NOT NULL THEN 'failing'
        ELSE 'live'
    END) INTO words FROM unnest(states, problems) AS told (state, problem);
    IF TG_OP = 'INSERT' OR cardinality(words) > 1 THEN
        NEW.since := timezone('utc', clock_timestamp());
    END IF;
    RETURN NEW;
END
$function$;
