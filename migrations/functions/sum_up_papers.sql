CREATE OR REPLACE FUNCTION {schema}.sum_up_papers()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE {schema}.staff_member m SET papers_until = s.papers_until
    FROM (
        SELECT c.account_id, c.staff_member_id,
            min(d.expires_on) FILTER (WHERE d.state = 'accepted') AS papers_until
        FROM (SELECT DISTINCT account_id, staff_member_id FROM changed) c
            LEFT JOIN {schema}.staff_document d
            ON d.account_id = c.account_id AND d.staff_member_id = c.staff_member_id
        GROUP BY c.account_id, c.staff_member_id
    ) s
    WHERE m.account_id = s.account_id AND m.id = s.staff_member_id AND m.papers_until IS DISTINCT FROM s.papers_until;
    RETURN NULL;
END
$function$;
