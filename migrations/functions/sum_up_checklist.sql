CREATE OR REPLACE FUNCTION {schema}.sum_up_checklist()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE {schema}.staff_onboarding o
    SET steps_done = s.done, steps_needed = s.needed, next_due_on = s.next_due_on
    FROM (
        SELECT c.account_id, c.staff_onboarding_id,
            count(*) FILTER (WHERE t.required AND t.status = 'completed') AS done,
            count(*) FILTER (WHERE t.required AND t.status <> 'not_needed') AS needed,
            min(t.due_date) FILTER (WHERE t.status IN ('pending', 'in_progress', 'failed')) AS next_due_on
        FROM (SELECT DISTINCT account_id, staff_onboarding_id FROM changed) c
            LEFT JOIN {schema}.onboarding_step t
            ON t.account_id = c.account_id AND t.staff_onboarding_id = c.staff_onboarding_id
        GROUP BY c.account_id, c.staff_onboarding_id
    ) s
    WHERE o.account_id = s.account_id AND o.id = s.staff_onboarding_id
    AND (o.steps_done, o.steps_needed, o.next_due_on) IS DISTINCT FROM (s.done, s.needed, s.next_due_on);
    RETURN NULL;
END
$function$;
