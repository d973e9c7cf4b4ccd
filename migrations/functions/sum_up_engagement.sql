CREATE OR REPLACE FUNCTION {schema}.sum_up_engagement()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    -- A person's latest engagement is what lists tell of them.
    UPDATE {schema}.staff_member m
    SET onboarding_status = s.status, starts_on = s.start_date, progress = s.progress, next_due_on = s.next_due_on
    FROM (
        SELECT DISTINCT ON (c.account_id, c.staff_member_id) c.account_id, c.staff_member_id, o.status, o.start_date,
            CASE WHEN o.steps_needed > 0 THEN 100 * o.steps_done / o.steps_needed END AS progress,
            CASE WHEN o.status = 'in_progress' THEN o.next_due_on END AS next_due_on
        FROM (SELECT DISTINCT account_id, staff_member_id FROM changed) c
            LEFT JOIN {schema}.staff_onboarding o
            ON o.account_id = c.account_id AND o.staff_member_id = c.staff_member_id
        ORDER BY c.account_id, c.staff_member_id, o.spell DESC
    ) s
    WHERE m.account_id = s.account_id AND m.id = s.staff_member_id
    AND (m.onboarding_status, m.starts_on, m.progress, m.next_due_on)
        IS DISTINCT FROM (s.status, s.start_date, s.progress, s.next_due_on);
    RETURN NULL;
END
$function$;
