CREATE OR REPLACE FUNCTION {schema}.count_unread_notices(
    p_account uuid, p_user uuid, p_permissions text[], p_is_limited boolean, p_most integer
) RETURNS integer LANGUAGE plpgsql STABLE
AS $function$
DECLARE
    since timestamp;
    is_limited boolean;
    restaurants uuid[];
    total integer;
BEGIN
    IF p_account IS NULL OR coalesce(cardinality(p_permissions), 0) = 0 THEN
        RETURN 0;
    END IF;
    SELECT coalesce(r.seen_until, u.created_at), p_is_limited AND u.restaurants_limited INTO since, is_limited
    FROM {schema}."user" u LEFT JOIN {schema}.notice_reader r ON r.account_id = u.account_id AND r.user_id = u.id
    WHERE u.account_id = p_account AND u.id = p_user;
    -- Limited and assigned to nothing sees what concerns the whole chain alone.
    IF is_limited THEN
        SELECT coalesce(array_agg(r.restaurant_id), '{}') INTO restaurants
        FROM {schema}.user_restaurant r WHERE r.account_id = p_account AND r.user_id = p_user;
    END IF;
    SELECT count(*) INTO total FROM (
        SELECT FROM unnest(p_permissions) AS p(permission)
        CROSS JOIN LATERAL (
            SELECT n.id, n.restaurant_id, n.entity_id FROM {schema}.notice n
            WHERE n.account_id = p_account AND n.permission = p.permission AND n.resolved_at IS NULL
                AND n.opened_at > coalesce(since, '-infinity')
            ORDER BY n.opened_at DESC LIMIT 1000
        ) n
        WHERE (restaurants IS NULL OR n.restaurant_id IS NULL OR n.restaurant_id = ANY(restaurants))
            AND n.entity_id <> p_user
            AND NOT EXISTS (
                SELECT FROM {schema}.notice_mark m
                WHERE m.account_id = p_account AND m.user_id = p_user AND m.notice_id = n.id
            )
        LIMIT p_most
    ) unread;
    RETURN total;
END $function$
