-- Nothing calls it any more but web processes and workers of the version before, while an upgrade is under way.
-- The release after this one drops it.
CREATE OR REPLACE FUNCTION {schema}.open_request(p_token bytea, p_slug text, p_session_idle interval, p_visit_idle interval)
RETURNS TABLE(session_id uuid, user_id uuid, email character varying, full_name character varying, role character varying, is_superuser boolean, locale character varying, timezone character varying, home_id uuid, home_slug character varying, account_id uuid, account_slug character varying, account_name character varying, account_is_active boolean, visit_id uuid, visit_started_at timestamp without time zone, visit_reason character varying, restaurant_ids uuid[])
LANGUAGE plpgsql
AS $function$
#variable_conflict use_variable
DECLARE
    moment timestamp := timezone('utc', now());
    seen timestamp;
    visit_seen timestamp;
BEGIN
    PERFORM set_config('getinn.door', 'session', true);
    SELECT s.id, u.id, u.email, u.full_name, u.role, u.is_superuser, u.locale, u.timezone,
        home.id, home.slug, s.last_seen_at
    INTO session_id, user_id, email, full_name, role, is_superuser, locale, timezone,
        home_id, home_slug, seen
    FROM {schema}.user_session s
    JOIN {schema}."user" u ON u.id = s.user_id
    JOIN {schema}.account home ON home.id = u.account_id
    WHERE s.token_hash = p_token AND s.expires_at > moment AND s.last_seen_at > moment - p_session_idle
        AND u.is_active AND (home.is_active OR u.is_superuser);
    IF session_id IS NULL THEN
        PERFORM set_config('getinn.door', '', true);
        RETURN;
    END IF;
    IF seen < moment - interval '1 minute' THEN
        UPDATE {schema}.user_session s SET last_seen_at = moment WHERE s.id = session_id;
    END IF;
    IF p_slug IS NULL THEN
        PERFORM set_config('getinn.account_id', home_id::text, true);
        PERFORM set_config('getinn.door', '', true);
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT a.id, a.slug, a.name, a.is_active
    INTO account_id, account_slug, account_name, account_is_active
    FROM {schema}.account a
    WHERE a.slug = p_slug AND NOT a.is_operator AND (is_superuser OR (a.id = home_id AND a.is_active));
    IF is_superuser THEN
        SELECT v.id, v.started_at, v.reason, v.last_seen_at
        INTO visit_id, visit_started_at, visit_reason, visit_seen
        FROM {schema}.superuser_visit v
        WHERE v.user_id = user_id AND v.account_id = account_id AND v.ended_at IS NULL
            AND v.last_seen_at > moment - p_visit_idle
        ORDER BY v.started_at DESC LIMIT 1;
        IF visit_seen < moment - interval '1 minute' THEN
            UPDATE {schema}.superuser_visit v SET last_seen_at = moment WHERE v.id = visit_id;
        END IF;
    ELSIF account_id IS NOT NULL AND role <> 'owner' THEN
        SELECT array_agg(r.restaurant_id) INTO restaurant_ids
        FROM {schema}.user_restaurant r WHERE r.user_id = user_id AND r.account_id = account_id;
    END IF;
    IF visit_id IS NOT NULL OR NOT is_superuser AND account_id IS NOT NULL THEN
        PERFORM set_config('getinn.account_id', account_id::text, true);
    END IF;
    PERFORM set_config('getinn.door', '', true);
    RETURN NEXT;
END
$function$;
