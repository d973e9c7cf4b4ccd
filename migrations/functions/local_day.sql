CREATE OR REPLACE FUNCTION {schema}.local_day(moment timestamp without time zone, zone text)
RETURNS date
LANGUAGE plpgsql
STABLE
PARALLEL UNSAFE
AS $function$
BEGIN
    -- Zones are adopted text: an unknown one is UTC, as pages take it. Before PostgreSQL 17 a block that catches cannot
    -- be part of a parallel plan.
    RETURN (moment AT TIME ZONE 'UTC' AT TIME ZONE coalesce(zone, 'UTC'))::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN moment::date;
END
$function$;
