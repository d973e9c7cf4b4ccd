CREATE OR REPLACE FUNCTION {schema}.local_today(zone text)
RETURNS date
LANGUAGE plpgsql
STABLE
PARALLEL SAFE
AS $function$
BEGIN
    -- Zones are adopted text: an unknown one is UTC, as pages take it.
    RETURN (statement_timestamp() AT TIME ZONE coalesce(zone, 'UTC'))::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (statement_timestamp() AT TIME ZONE 'UTC')::date;
END
$function$;
