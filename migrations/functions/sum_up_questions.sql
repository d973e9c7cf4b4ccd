CREATE OR REPLACE FUNCTION {schema}.sum_up_questions()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE {schema}.staff_member m SET open_questions = s.open
    FROM (
        SELECT c.account_id, c.staff_member_id, count(q.id) AS open
        FROM (SELECT DISTINCT account_id, staff_member_id FROM changed WHERE staff_member_id IS NOT NULL) c
            LEFT JOIN {schema}.staff_question q ON q.account_id = c.account_id
            AND q.staff_member_id = c.staff_member_id AND q.answered_at IS NULL
        GROUP BY c.account_id, c.staff_member_id
    ) s
    WHERE m.account_id = s.account_id AND m.id = s.staff_member_id AND m.open_questions <> s.open;
    RETURN NULL;
END
$function$;
