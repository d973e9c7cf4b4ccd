CREATE OR REPLACE FUNCTION {schema}.bot_dialog_state_search_text(platform_chat_id character varying, current_step character varying, collected_data jsonb, person jsonb)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE PARALLEL SAFE
SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ BEGIN RETURN lower(concat_ws(' ', person->>'name', person->>'username', platform_chat_id, current_step, (SELECT string_agg(value, ' ') FROM jsonb_each_text(CASE WHEN jsonb_typeof(collected_data) = 'object' THEN collected_data ELSE '{}' END)))); END $function$;
