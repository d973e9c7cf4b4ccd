SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA getinn_ops;
CREATE SCHEMA getinn_ops_jobs;
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
COMMENT ON EXTENSION "uuid-ossp" IS 'generate universally unique identifiers (UUIDs)';
CREATE TYPE getinn_ops_jobs.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);
CREATE TYPE getinn_ops_jobs.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);
CREATE TYPE getinn_ops_jobs.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);
CREATE FUNCTION getinn_ops.bot_dialog_state_search_text(platform_chat_id character varying, current_step character varying, collected_data jsonb, person jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ BEGIN RETURN lower(concat_ws(' ', person->>'name', person->>'username', platform_chat_id, current_step, (SELECT string_agg(value, ' ') FROM jsonb_each_text(CASE WHEN jsonb_typeof(collected_data) = 'object' THEN collected_data ELSE '{}' END)))); END $$;
CREATE FUNCTION getinn_ops.count_unread_notices(p_account uuid, p_user uuid, p_permissions text[], p_is_limited boolean, p_most integer) RETURNS integer
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    since timestamp;
    restaurants uuid[];
    total integer;
BEGIN
    IF p_account IS NULL OR coalesce(cardinality(p_permissions), 0) = 0 THEN
        RETURN 0;
    END IF;
    IF p_is_limited THEN
        SELECT array_agg(r.restaurant_id) INTO restaurants
        FROM getinn_ops.user_restaurant r WHERE r.account_id = p_account AND r.user_id = p_user;
    END IF;
    SELECT coalesce(r.seen_until, u.created_at) INTO since
    FROM getinn_ops."user" u LEFT JOIN getinn_ops.notice_reader r ON r.account_id = u.account_id AND r.user_id = u.id
    WHERE u.account_id = p_account AND u.id = p_user;
    SELECT count(*) INTO total FROM (
        SELECT FROM unnest(p_permissions) AS p(permission)
        CROSS JOIN LATERAL (
            SELECT n.id, n.restaurant_id, n.entity_id FROM getinn_ops.notice n
            WHERE n.account_id = p_account AND n.permission = p.permission AND n.resolved_at IS NULL
                AND n.opened_at > coalesce(since, '-infinity')
            ORDER BY n.opened_at DESC LIMIT 1000
        ) n
        WHERE (restaurants IS NULL OR n.restaurant_id IS NULL OR n.restaurant_id = ANY(restaurants))
            AND n.entity_id <> p_user
            AND NOT EXISTS (
                SELECT FROM getinn_ops.notice_mark m
                WHERE m.account_id = p_account AND m.user_id = p_user AND m.notice_id = n.id
            )
        LIMIT p_most
    ) unread;
    RETURN total;
END $$;
CREATE FUNCTION getinn_ops.fill_account_slug() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    base text := trim(BOTH '-' FROM left(lower(regexp_replace(NEW.name, '[^A-Za-z0-9]+', '-', 'g')), 40));
BEGIN
    NEW.slug := nullif(base, '');
    IF base IN ('', 'new', 'switcher', 'export')
        OR EXISTS (SELECT FROM getinn_ops.account WHERE slug = base) THEN
        NEW.slug := concat_ws('-', coalesce(nullif(base, ''), 'chain'), left(NEW.id::text, 8));
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION getinn_ops.fill_bot_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.account_id IS NULL
        OR TG_OP = 'UPDATE' AND NEW.bot_id <> OLD.bot_id AND NEW.account_id = OLD.account_id THEN
        SELECT account_id INTO NEW.account_id FROM getinn_ops.bot_instance WHERE id = NEW.bot_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION getinn_ops.fill_user_role() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.role := CASE WHEN EXISTS (
        SELECT FROM getinn_ops."user" WHERE account_id = NEW.account_id AND role = 'owner' AND is_active
    ) THEN 'viewer' ELSE 'owner' END;
    RETURN NEW;
END
$$;
CREATE FUNCTION getinn_ops.forget_search_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM getinn_ops.search_entry WHERE row_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE FUNCTION getinn_ops.keep_search_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE title varchar;
BEGIN
    IF TG_NARGS = 1 THEN
        title := NEW.name;
    END IF;
    INSERT INTO getinn_ops.search_entry AS e (row_id, account_id, entity, title, content)
    VALUES (NEW.id, NEW.account_id, TG_TABLE_NAME, title, NEW.search_text)
    ON CONFLICT (row_id) DO UPDATE
        SET account_id = excluded.account_id, title = excluded.title, content = excluded.content
        WHERE (e.account_id, e.title, e.content)
            IS DISTINCT FROM (excluded.account_id, excluded.title, excluded.content);
    RETURN NULL;
END
$$;
CREATE FUNCTION getinn_ops.number_scenario() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('number_scenario' || NEW.bot_id::text, 0));
    SELECT coalesce(max(number), 0) + 1 INTO NEW.number FROM getinn_ops.bot_scenario WHERE bot_id = NEW.bot_id;
    RETURN NEW;
END
$$;
CREATE FUNCTION getinn_ops.open_hook(p_platform text, p_credential uuid) RETURNS TABLE(credential_id uuid, account_id uuid, bot_id uuid, credentials jsonb, is_live boolean)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_variable
BEGIN
    PERFORM set_config('getinn.door', 'accounts', true);
    SELECT c.id, c.account_id, c.bot_id, c.credentials, c.is_active AND b.is_active AND a.is_active
    INTO credential_id, account_id, bot_id, credentials, is_live
    FROM getinn_ops.bot_platform_credential c
    JOIN getinn_ops.bot_instance b ON b.id = c.bot_id
    JOIN getinn_ops.account a ON a.id = c.account_id
    WHERE c.id = p_credential AND c.platform = p_platform AND c.superseded_at IS NULL;
    PERFORM set_config('getinn.door', '', true);
    IF credential_id IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('getinn.account_id', account_id::text, true);
    RETURN NEXT;
END
$$;
CREATE FUNCTION getinn_ops.open_request(p_token bytea, p_slug text, p_session_idle interval, p_visit_idle interval) RETURNS TABLE(session_id uuid, user_id uuid, email character varying, full_name character varying, role character varying, is_superuser boolean, locale character varying, timezone character varying, home_id uuid, home_slug character varying, account_id uuid, account_slug character varying, account_name character varying, account_is_active boolean, visit_id uuid, visit_started_at timestamp without time zone, visit_reason character varying, restaurant_ids uuid[])
    LANGUAGE plpgsql
    AS $$
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
    FROM getinn_ops.user_session s
    JOIN getinn_ops."user" u ON u.id = s.user_id
    JOIN getinn_ops.account home ON home.id = u.account_id
    WHERE s.token_hash = p_token AND s.expires_at > moment AND s.last_seen_at > moment - p_session_idle
        AND u.is_active AND (home.is_active OR u.is_superuser);
    IF session_id IS NULL THEN
        PERFORM set_config('getinn.door', '', true);
        RETURN;
    END IF;
    IF seen < moment - interval '1 minute' THEN
        UPDATE getinn_ops.user_session s SET last_seen_at = moment WHERE s.id = session_id;
    END IF;
    IF p_slug IS NULL THEN
        PERFORM set_config('getinn.account_id', home_id::text, true);
        PERFORM set_config('getinn.door', '', true);
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT a.id, a.slug, a.name, a.is_active
    INTO account_id, account_slug, account_name, account_is_active
    FROM getinn_ops.account a
    WHERE a.slug = p_slug AND NOT a.is_operator AND (is_superuser OR (a.id = home_id AND a.is_active));
    IF is_superuser THEN
        SELECT v.id, v.started_at, v.reason, v.last_seen_at
        INTO visit_id, visit_started_at, visit_reason, visit_seen
        FROM getinn_ops.superuser_visit v
        WHERE v.user_id = user_id AND v.account_id = account_id AND v.ended_at IS NULL
            AND v.last_seen_at > moment - p_visit_idle
        ORDER BY v.started_at DESC LIMIT 1;
        IF visit_seen < moment - interval '1 minute' THEN
            UPDATE getinn_ops.superuser_visit v SET last_seen_at = moment WHERE v.id = visit_id;
        END IF;
    ELSIF account_id IS NOT NULL AND role <> 'owner' THEN
        SELECT array_agg(r.restaurant_id) INTO restaurant_ids
        FROM getinn_ops.user_restaurant r WHERE r.user_id = user_id AND r.account_id = account_id;
    END IF;
    IF visit_id IS NOT NULL OR NOT is_superuser AND account_id IS NOT NULL THEN
        PERFORM set_config('getinn.account_id', account_id::text, true);
    END IF;
    PERFORM set_config('getinn.door', '', true);
    RETURN NEXT;
END
$$;
CREATE FUNCTION getinn_ops.refuse_log_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION getinn_ops.restaurant_search_text(name character varying, address text, phone character varying, email character varying) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ BEGIN RETURN lower(concat_ws(' ', name, address, phone, email)); END $$;
CREATE FUNCTION getinn_ops.search_ids(p_entity text, p_words text[], p_cap integer, p_by_title boolean) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    account uuid := nullif(current_setting('getinn.account_id', true), '')::uuid;
    found uuid[];
BEGIN
    SELECT array_agg(row_id) INTO found FROM (
        SELECT row_id FROM getinn_ops.search_entry
        WHERE account_id = account AND entity = p_entity
            AND content LIKE p_words[1] AND content LIKE ALL (p_words)
        LIMIT p_cap + 1
    ) entries;
    IF coalesce(cardinality(found), 0) <= p_cap THEN
        RETURN coalesce(found, '{}');
    END IF;
    IF p_by_title THEN
        -- Spread over the list, a common word fills a page from its first few thousand titles ...
        SELECT array_agg(row_id) INTO found FROM (
            SELECT row_id, content FROM getinn_ops.search_entry
            WHERE account_id = account AND entity = p_entity ORDER BY title, row_id LIMIT 3 * p_cap
        ) entries WHERE content LIKE ALL (p_words);
        IF cardinality(found) >= 100 THEN
            RETURN array_prepend(NULL, found);
        END IF;
        -- ... and gathered at its end (titles that begin with it) it takes a look at all that hold it.
        SELECT array_agg(row_id) INTO found FROM (
            SELECT row_id, title FROM getinn_ops.search_entry
            WHERE account_id = account AND entity = p_entity
                AND content LIKE p_words[1] AND content LIKE ALL (p_words)
            ORDER BY title, row_id LIMIT p_cap
        ) entries;
        RETURN array_prepend(NULL, found);
    END IF;
    -- The next statement reads in the order of an index and stops soon; the planner, misled by
    -- the policy's estimate, would rather read and sort the whole account.
    PERFORM set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true);
    RETURN NULL;
END
$$;
CREATE FUNCTION getinn_ops.store_search_text(name character varying, address text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ BEGIN RETURN lower(concat_ws(' ', name, address)); END $$;
CREATE FUNCTION getinn_ops.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := timezone('utc', clock_timestamp());
    RETURN NEW;
END
$$;
CREATE FUNCTION getinn_ops.wake_bot_workers() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('getinn_bots', TG_TABLE_NAME);
    RETURN NULL;
END
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_defer_jobs_v1(jobs getinn_ops_jobs.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;
    RETURN job_ids;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;
    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;
    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;
    RETURN _job_id;
END;
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE getinn_ops_jobs.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status getinn_ops_jobs.procrastinate_job_status DEFAULT 'todo'::getinn_ops_jobs.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::getinn_ops_jobs.procrastinate_job_status) AND (abort_requested = true))))
);
CREATE FUNCTION getinn_ops_jobs.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS getinn_ops_jobs.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;
 RETURN found_jobs;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_finish_job_v1(job_id bigint, end_status getinn_ops_jobs.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);
	RETURN NEW;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;
CREATE FUNCTION getinn_ops_jobs.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;
CREATE TABLE getinn_ops.account (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    name character varying NOT NULL,
    description text,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    slug character varying NOT NULL,
    is_operator boolean DEFAULT false NOT NULL,
    currency character(3) DEFAULT 'RUB'::bpchar NOT NULL,
    CONSTRAINT account_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT account_slug_check CHECK (((slug)::text ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$'::text))
);
ALTER TABLE ONLY getinn_ops.account FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.account_integration_credentials (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    integration_type character varying NOT NULL,
    credentials jsonb NOT NULL,
    base_url character varying,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    last_connected_at timestamp without time zone,
    connection_status character varying,
    connection_error character varying
);
ALTER TABLE ONLY getinn_ops.account_integration_credentials FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE getinn_ops.audit_event (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    at timestamp without time zone NOT NULL,
    action character varying NOT NULL,
    entity character varying NOT NULL,
    entity_id uuid,
    entity_label character varying NOT NULL,
    actor_id uuid,
    actor_email character varying,
    actor_name character varying,
    as_superuser boolean NOT NULL,
    visit_id uuid,
    before jsonb,
    after jsonb,
    ip_address inet,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.audit_event FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_connection (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    bot_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    external_id character varying,
    profile jsonb DEFAULT '{}'::jsonb NOT NULL,
    picture_id uuid,
    state character varying DEFAULT 'off'::character varying NOT NULL,
    problem character varying,
    detail character varying,
    generation integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    due_at timestamp without time zone,
    allowance double precision,
    allowance_at timestamp without time zone,
    paused_until timestamp without time zone,
    poll_offset bigint,
    last_update_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT bot_connection_state_check CHECK (((state)::text = ANY ((ARRAY['off'::character varying, 'connecting'::character varying, 'live'::character varying, 'polling'::character varying, 'failing'::character varying, 'removing'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.bot_connection FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_dialog_state (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    bot_id uuid NOT NULL,
    platform character varying NOT NULL,
    platform_chat_id character varying NOT NULL,
    current_step character varying NOT NULL,
    collected_data jsonb DEFAULT '{}'::jsonb NOT NULL,
    last_interaction_at timestamp without time zone NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    account_id uuid NOT NULL,
    superseded_at timestamp without time zone,
    scenario_id uuid,
    state character varying DEFAULT 'running'::character varying NOT NULL,
    turn integer DEFAULT 0 NOT NULL,
    engine_state jsonb DEFAULT '{}'::jsonb NOT NULL,
    wake_at timestamp without time zone,
    person jsonb DEFAULT '{}'::jsonb NOT NULL,
    taken_over_by_id uuid,
    taken_over_at timestamp without time zone,
    hand_back_at timestamp without time zone,
    last_inbound_at timestamp without time zone,
    failure character varying,
    allowance double precision,
    allowance_at timestamp without time zone,
    search_text text GENERATED ALWAYS AS (getinn_ops.bot_dialog_state_search_text(platform_chat_id, current_step, collected_data, person)) STORED,
    CONSTRAINT bot_dialog_state_state_check CHECK (((state)::text = ANY ((ARRAY['running'::character varying, 'finished'::character varying, 'blocked'::character varying, 'taken_over'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.bot_dialog_state FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_file (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    sha256 bytea NOT NULL,
    size bigint NOT NULL,
    content_type character varying NOT NULL,
    storage character varying NOT NULL,
    data bytea,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT bot_file_storage_check CHECK (((storage)::text = ANY ((ARRAY['database'::character varying, 'bucket'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.bot_file FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_inbound_update (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    bot_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    dedupe_key character varying NOT NULL,
    kind character varying NOT NULL,
    chat_id character varying,
    "position" bigint DEFAULT 0 NOT NULL,
    payload text NOT NULL,
    state character varying DEFAULT 'pending'::character varying NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp without time zone DEFAULT timezone('utc'::text, clock_timestamp()) NOT NULL,
    error character varying,
    processed_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT bot_inbound_update_state_check CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'done'::character varying, 'ignored'::character varying, 'dead'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.bot_inbound_update FORCE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_inbound_update ALTER COLUMN seq ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME getinn_ops.bot_inbound_update_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE getinn_ops.bot_instance (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    name character varying NOT NULL,
    description text,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY getinn_ops.bot_instance FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_media (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    bot_id uuid NOT NULL,
    key character varying NOT NULL,
    name character varying NOT NULL,
    kind character varying NOT NULL,
    description text,
    file_id uuid NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT bot_media_kind_check CHECK (((kind)::text = ANY ((ARRAY['image'::character varying, 'video'::character varying, 'animation'::character varying, 'audio'::character varying, 'voice'::character varying, 'document'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.bot_media FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_media_upload (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    media_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    file_id uuid NOT NULL,
    external_id character varying NOT NULL,
    platform_file_id character varying NOT NULL,
    expires_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.bot_media_upload FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_message (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    bot_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    dialog_id uuid NOT NULL,
    direction character varying NOT NULL,
    author character varying NOT NULL,
    author_id uuid,
    kind character varying NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    content jsonb DEFAULT '{}'::jsonb NOT NULL,
    step_id character varying,
    turn integer,
    variable character varying,
    value text,
    file_id uuid,
    file_state character varying,
    state character varying NOT NULL,
    platform_message_id character varying,
    update_id uuid,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp without time zone DEFAULT timezone('utc'::text, clock_timestamp()) NOT NULL,
    worker bigint,
    claimed_at timestamp without time zone,
    maybe_twice boolean DEFAULT false NOT NULL,
    error character varying,
    detail character varying,
    sent_at timestamp without time zone,
    delivered_at timestamp without time zone,
    read_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT bot_message_author_check CHECK (((author)::text = ANY ((ARRAY['guest'::character varying, 'bot'::character varying, 'person'::character varying])::text[]))),
    CONSTRAINT bot_message_direction_check CHECK (((direction)::text = ANY ((ARRAY['in'::character varying, 'out'::character varying])::text[]))),
    CONSTRAINT bot_message_file_state_check CHECK (((file_state)::text = ANY ((ARRAY['waiting'::character varying, 'stored'::character varying, 'refused'::character varying, 'failed'::character varying])::text[]))),
    CONSTRAINT bot_message_state_check CHECK (((state)::text = ANY ((ARRAY['received'::character varying, 'ignored'::character varying, 'queued'::character varying, 'sending'::character varying, 'uncertain'::character varying, 'sent'::character varying, 'delivered'::character varying, 'read'::character varying, 'failed'::character varying, 'cancelled'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.bot_message FORCE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_message ALTER COLUMN seq ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME getinn_ops.bot_message_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE getinn_ops.bot_platform_credential (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    bot_id uuid NOT NULL,
    platform character varying NOT NULL,
    credentials jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    webhook_url character varying,
    webhook_last_checked timestamp without time zone,
    webhook_auto_refresh boolean DEFAULT true NOT NULL,
    account_id uuid NOT NULL,
    superseded_at timestamp without time zone
);
ALTER TABLE ONLY getinn_ops.bot_platform_credential FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_platform_event (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    bot_id uuid NOT NULL,
    credential_id uuid NOT NULL,
    at timestamp without time zone DEFAULT timezone('utc'::text, clock_timestamp()) NOT NULL,
    occasion character varying NOT NULL,
    cause character varying,
    action character varying,
    result character varying NOT NULL,
    detail character varying,
    actor_name character varying,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.bot_platform_event FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.bot_scenario (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    bot_id uuid NOT NULL,
    name character varying NOT NULL,
    description text,
    scenario_data jsonb NOT NULL,
    version character varying NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    account_id uuid NOT NULL,
    number integer NOT NULL,
    source text,
    is_live boolean DEFAULT false NOT NULL,
    published_at timestamp without time zone,
    author_id uuid
);
ALTER TABLE ONLY getinn_ops.bot_scenario FORCE ROW LEVEL SECURITY;
CREATE SEQUENCE getinn_ops.bot_worker_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE getinn_ops.import_batch (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    entity character varying NOT NULL,
    file_name character varying NOT NULL,
    author_id uuid,
    author_name character varying,
    restaurant_ids uuid[],
    read_as jsonb NOT NULL,
    grid jsonb NOT NULL,
    heading_row integer NOT NULL,
    columns jsonb NOT NULL,
    counts jsonb NOT NULL,
    state character varying DEFAULT 'preview'::character varying NOT NULL,
    applied_at timestamp without time zone,
    undone_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT import_batch_state_check CHECK (((state)::text = ANY ((ARRAY['preview'::character varying, 'applied'::character varying, 'undone'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.import_batch FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.import_row (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    number integer NOT NULL,
    place integer NOT NULL,
    label character varying NOT NULL,
    verdict character varying NOT NULL,
    entity_id uuid,
    "values" jsonb NOT NULL,
    changes jsonb NOT NULL,
    problems jsonb NOT NULL,
    outcome character varying,
    stored jsonb,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.import_row FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.invitation (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    email character varying NOT NULL,
    full_name character varying,
    role character varying NOT NULL,
    restaurant_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    token_hash bytea NOT NULL,
    invited_by_id uuid,
    expires_at timestamp without time zone NOT NULL,
    accepted_at timestamp without time zone,
    revoked_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT invitation_role_check CHECK (((role)::text = ANY ((ARRAY['owner'::character varying, 'manager'::character varying, 'chef'::character varying, 'viewer'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.invitation FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.notice (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    kind character varying NOT NULL,
    permission character varying NOT NULL,
    entity character varying NOT NULL,
    entity_id uuid NOT NULL,
    entity_label character varying NOT NULL,
    restaurant_id uuid,
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    opened_at timestamp without time zone DEFAULT timezone('utc'::text, clock_timestamp()) NOT NULL,
    at timestamp without time zone DEFAULT timezone('utc'::text, clock_timestamp()) NOT NULL,
    resolved_at timestamp without time zone,
    mailed_at timestamp without time zone,
    repetitions integer DEFAULT 1 NOT NULL,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.notice FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.notice_mark (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.notice_mark FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.notice_reader (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    seen_until timestamp without time zone,
    mailed_kinds character varying[] DEFAULT '{}'::character varying[] NOT NULL,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.notice_reader FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.password_reset (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    used_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.password_reset FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.restaurant (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    name character varying NOT NULL,
    address text,
    phone character varying,
    email character varying,
    timezone character varying,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    iiko_id character varying,
    iiko_sync_status character varying,
    iiko_last_synced_at timestamp without time zone,
    iiko_sync_error character varying,
    search_text text GENERATED ALWAYS AS (getinn_ops.restaurant_search_text(name, address, phone, email)) STORED
);
ALTER TABLE ONLY getinn_ops.restaurant FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.search_entry (
    row_id uuid NOT NULL,
    account_id uuid NOT NULL,
    entity character varying NOT NULL,
    title character varying,
    content text NOT NULL
);
CREATE TABLE getinn_ops.sign_in_attempt (
    id integer NOT NULL,
    subject bytea NOT NULL,
    at timestamp without time zone NOT NULL
);
ALTER TABLE getinn_ops.sign_in_attempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME getinn_ops.sign_in_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE getinn_ops.store (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    restaurant_id uuid NOT NULL,
    name character varying NOT NULL,
    kind character varying DEFAULT 'kitchen'::character varying NOT NULL,
    address text,
    is_active boolean DEFAULT true NOT NULL,
    iiko_id character varying,
    iiko_sync_status character varying,
    iiko_last_synced_at timestamp without time zone,
    iiko_sync_error character varying,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    search_text text GENERATED ALWAYS AS (getinn_ops.store_search_text(name, address)) STORED,
    CONSTRAINT store_kind_check CHECK (((kind)::text = ANY ((ARRAY['kitchen'::character varying, 'bar'::character varying, 'warehouse'::character varying, 'cold'::character varying, 'household'::character varying, 'other'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.store FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.store_equipment (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    store_id uuid NOT NULL,
    "position" integer NOT NULL,
    name character varying NOT NULL,
    quantity numeric(14,4) NOT NULL,
    unit character varying NOT NULL,
    price numeric(14,2),
    currency character(3) NOT NULL,
    comment text,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    CONSTRAINT store_equipment_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT store_equipment_price_check CHECK ((price >= (0)::numeric)),
    CONSTRAINT store_equipment_quantity_check CHECK ((quantity > (0)::numeric)),
    CONSTRAINT store_equipment_unit_check CHECK (((unit)::text = ANY ((ARRAY['piece'::character varying, 'set'::character varying, 'pair'::character varying, 'pack'::character varying, 'kg'::character varying, 'g'::character varying, 'l'::character varying, 'ml'::character varying, 'm'::character varying, 'm2'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops.store_equipment FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.superuser_visit (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    reason character varying,
    started_at timestamp without time zone NOT NULL,
    last_seen_at timestamp without time zone NOT NULL,
    ended_at timestamp without time zone,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.superuser_visit FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops."user" (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    email character varying NOT NULL,
    hashed_password character varying NOT NULL,
    full_name character varying,
    account_id uuid NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    is_superuser boolean DEFAULT false NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    role character varying NOT NULL,
    locale character varying,
    timezone character varying,
    last_signed_in_at timestamp without time zone,
    CONSTRAINT user_locale_check CHECK (((locale)::text = ANY ((ARRAY['en'::character varying, 'ru'::character varying])::text[]))),
    CONSTRAINT user_role_check CHECK (((role)::text = ANY ((ARRAY['owner'::character varying, 'manager'::character varying, 'chef'::character varying, 'viewer'::character varying])::text[])))
);
ALTER TABLE ONLY getinn_ops."user" FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.user_restaurant (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    restaurant_id uuid NOT NULL,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.user_restaurant FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops.user_session (
    id uuid DEFAULT public.uuid_generate_v4() NOT NULL,
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    last_seen_at timestamp without time zone NOT NULL,
    ip_address inet,
    user_agent character varying,
    created_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL,
    updated_at timestamp without time zone DEFAULT timezone('utc'::text, now()) NOT NULL
);
ALTER TABLE ONLY getinn_ops.user_session FORCE ROW LEVEL SECURITY;
CREATE TABLE getinn_ops_jobs.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type getinn_ops_jobs.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);
CREATE SEQUENCE getinn_ops_jobs.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE getinn_ops_jobs.procrastinate_events_id_seq OWNED BY getinn_ops_jobs.procrastinate_events.id;
CREATE SEQUENCE getinn_ops_jobs.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE getinn_ops_jobs.procrastinate_jobs_id_seq OWNED BY getinn_ops_jobs.procrastinate_jobs.id;
CREATE TABLE getinn_ops_jobs.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);
CREATE SEQUENCE getinn_ops_jobs.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE getinn_ops_jobs.procrastinate_periodic_defers_id_seq OWNED BY getinn_ops_jobs.procrastinate_periodic_defers.id;
CREATE TABLE getinn_ops_jobs.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE getinn_ops_jobs.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME getinn_ops_jobs.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('getinn_ops_jobs.procrastinate_events_id_seq'::regclass);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('getinn_ops_jobs.procrastinate_jobs_id_seq'::regclass);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('getinn_ops_jobs.procrastinate_periodic_defers_id_seq'::regclass);
ALTER TABLE ONLY getinn_ops.account_integration_credentials
    ADD CONSTRAINT account_integration_credentials_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.account_integration_credentials
    ADD CONSTRAINT account_integration_credentials_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.account
    ADD CONSTRAINT account_slug_key UNIQUE (slug);
ALTER TABLE ONLY getinn_ops.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY getinn_ops.audit_event
    ADD CONSTRAINT audit_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_connection
    ADD CONSTRAINT bot_connection_credential_id_key UNIQUE (credential_id);
ALTER TABLE ONLY getinn_ops.bot_connection
    ADD CONSTRAINT bot_connection_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_file
    ADD CONSTRAINT bot_file_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.bot_file
    ADD CONSTRAINT bot_file_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_inbound_update
    ADD CONSTRAINT bot_inbound_update_account_id_credential_id_dedupe_key_key UNIQUE (account_id, credential_id, dedupe_key);
ALTER TABLE ONLY getinn_ops.bot_inbound_update
    ADD CONSTRAINT bot_inbound_update_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_instance
    ADD CONSTRAINT bot_instance_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.bot_instance
    ADD CONSTRAINT bot_instance_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_media
    ADD CONSTRAINT bot_media_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.bot_media
    ADD CONSTRAINT bot_media_bot_id_key_key UNIQUE (bot_id, key);
ALTER TABLE ONLY getinn_ops.bot_media
    ADD CONSTRAINT bot_media_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_media_upload
    ADD CONSTRAINT bot_media_upload_media_id_credential_id_key UNIQUE (media_id, credential_id);
ALTER TABLE ONLY getinn_ops.bot_media_upload
    ADD CONSTRAINT bot_media_upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_platform_credential
    ADD CONSTRAINT bot_platform_credential_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.bot_platform_credential
    ADD CONSTRAINT bot_platform_credential_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_platform_event
    ADD CONSTRAINT bot_platform_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_bot_id_number_key UNIQUE (bot_id, number);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.import_batch
    ADD CONSTRAINT import_batch_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.import_batch
    ADD CONSTRAINT import_batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.import_row
    ADD CONSTRAINT import_row_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.import_row
    ADD CONSTRAINT import_row_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.invitation
    ADD CONSTRAINT invitation_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY getinn_ops.notice
    ADD CONSTRAINT notice_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.notice_mark
    ADD CONSTRAINT notice_mark_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.notice_mark
    ADD CONSTRAINT notice_mark_account_id_user_id_notice_id_key UNIQUE (account_id, user_id, notice_id);
ALTER TABLE ONLY getinn_ops.notice_mark
    ADD CONSTRAINT notice_mark_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.notice_reader
    ADD CONSTRAINT notice_reader_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.notice_reader
    ADD CONSTRAINT notice_reader_account_id_user_id_key UNIQUE (account_id, user_id);
ALTER TABLE ONLY getinn_ops.notice_reader
    ADD CONSTRAINT notice_reader_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.password_reset
    ADD CONSTRAINT password_reset_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.password_reset
    ADD CONSTRAINT password_reset_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY getinn_ops.restaurant
    ADD CONSTRAINT restaurant_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.restaurant
    ADD CONSTRAINT restaurant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.search_entry
    ADD CONSTRAINT search_entry_pkey PRIMARY KEY (row_id);
ALTER TABLE ONLY getinn_ops.sign_in_attempt
    ADD CONSTRAINT sign_in_attempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.store
    ADD CONSTRAINT store_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.store_equipment
    ADD CONSTRAINT store_equipment_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops.store_equipment
    ADD CONSTRAINT store_equipment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.superuser_visit
    ADD CONSTRAINT superuser_visit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.account_integration_credentials
    ADD CONSTRAINT uix_account_integration_type UNIQUE (account_id, integration_type);
ALTER TABLE ONLY getinn_ops."user"
    ADD CONSTRAINT user_account_id_id_key UNIQUE (account_id, id);
ALTER TABLE ONLY getinn_ops."user"
    ADD CONSTRAINT user_email_key UNIQUE (email);
ALTER TABLE ONLY getinn_ops."user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.user_restaurant
    ADD CONSTRAINT user_restaurant_account_id_user_id_restaurant_id_key UNIQUE (account_id, user_id, restaurant_id);
ALTER TABLE ONLY getinn_ops.user_restaurant
    ADD CONSTRAINT user_restaurant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.user_session
    ADD CONSTRAINT user_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops.user_session
    ADD CONSTRAINT user_session_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);
CREATE INDEX ix_account_created_at ON getinn_ops.account USING btree (created_at, id);
CREATE INDEX ix_account_name ON getinn_ops.account USING btree (name, id);
CREATE INDEX ix_audit_event_account_id ON getinn_ops.audit_event USING btree (account_id, at, id);
CREATE INDEX ix_audit_event_action ON getinn_ops.audit_event USING btree (account_id, action, at, id);
CREATE INDEX ix_audit_event_actor_email ON getinn_ops.audit_event USING btree (account_id, actor_email, at, id);
CREATE INDEX ix_audit_event_entity ON getinn_ops.audit_event USING btree (account_id, entity, at, id);
CREATE INDEX ix_audit_event_entity_id ON getinn_ops.audit_event USING btree (account_id, entity_id, at, id);
CREATE INDEX ix_bot_connection_bot_id ON getinn_ops.bot_connection USING btree (account_id, bot_id);
CREATE INDEX ix_bot_connection_credential_id ON getinn_ops.bot_connection USING btree (account_id, credential_id);
CREATE INDEX ix_bot_connection_due_at ON getinn_ops.bot_connection USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ix_bot_connection_picture_id ON getinn_ops.bot_connection USING btree (account_id, picture_id) WHERE (picture_id IS NOT NULL);
CREATE INDEX ix_bot_dialog_state_account_id_bot_id ON getinn_ops.bot_dialog_state USING btree (account_id, bot_id, last_interaction_at, id);
CREATE INDEX ix_bot_dialog_state_account_id_last_interaction_at ON getinn_ops.bot_dialog_state USING btree (account_id, last_interaction_at, id);
CREATE INDEX ix_bot_dialog_state_account_id_state ON getinn_ops.bot_dialog_state USING btree (account_id, bot_id, state, last_interaction_at, id);
CREATE INDEX ix_bot_dialog_state_bot_id ON getinn_ops.bot_dialog_state USING btree (bot_id);
CREATE INDEX ix_bot_dialog_state_hand_back_at ON getinn_ops.bot_dialog_state USING btree (hand_back_at) WHERE (hand_back_at IS NOT NULL);
CREATE INDEX ix_bot_dialog_state_platform_chat_id ON getinn_ops.bot_dialog_state USING btree (platform_chat_id);
CREATE INDEX ix_bot_dialog_state_scenario_id ON getinn_ops.bot_dialog_state USING btree (account_id, scenario_id, current_step);
CREATE INDEX ix_bot_dialog_state_taken_over_by_id ON getinn_ops.bot_dialog_state USING btree (account_id, taken_over_by_id) WHERE (taken_over_by_id IS NOT NULL);
CREATE INDEX ix_bot_dialog_state_wake_at ON getinn_ops.bot_dialog_state USING btree (wake_at) WHERE (wake_at IS NOT NULL);
CREATE INDEX ix_bot_inbound_update_bot_id ON getinn_ops.bot_inbound_update USING btree (account_id, bot_id, state, seq);
CREATE INDEX ix_bot_inbound_update_created_at ON getinn_ops.bot_inbound_update USING btree (created_at);
CREATE INDEX ix_bot_inbound_update_pending ON getinn_ops.bot_inbound_update USING btree (credential_id, chat_id, "position", seq) WHERE ((state)::text = 'pending'::text);
CREATE INDEX ix_bot_instance_account_id_is_active_name ON getinn_ops.bot_instance USING btree (account_id, is_active, name, id);
CREATE INDEX ix_bot_instance_account_id_is_active_updated_at ON getinn_ops.bot_instance USING btree (account_id, is_active, updated_at, id);
CREATE INDEX ix_bot_instance_account_id_name ON getinn_ops.bot_instance USING btree (account_id, name, id);
CREATE INDEX ix_bot_media_bot_id ON getinn_ops.bot_media USING btree (account_id, bot_id, is_active, name, id);
CREATE INDEX ix_bot_media_file_id ON getinn_ops.bot_media USING btree (account_id, file_id);
CREATE INDEX ix_bot_media_upload_credential_id ON getinn_ops.bot_media_upload USING btree (account_id, credential_id);
CREATE INDEX ix_bot_media_upload_file_id ON getinn_ops.bot_media_upload USING btree (account_id, file_id);
CREATE INDEX ix_bot_media_upload_media_id ON getinn_ops.bot_media_upload USING btree (account_id, media_id);
CREATE INDEX ix_bot_message_author_id ON getinn_ops.bot_message USING btree (account_id, author_id) WHERE (author_id IS NOT NULL);
CREATE INDEX ix_bot_message_dialog_id ON getinn_ops.bot_message USING btree (account_id, dialog_id, seq);
CREATE INDEX ix_bot_message_failed ON getinn_ops.bot_message USING btree (account_id, bot_id, seq) WHERE ((state)::text = 'failed'::text);
CREATE INDEX ix_bot_message_file_id ON getinn_ops.bot_message USING btree (account_id, file_id) WHERE (file_id IS NOT NULL);
CREATE INDEX ix_bot_message_platform_message_id ON getinn_ops.bot_message USING btree (account_id, credential_id, platform_message_id) WHERE (platform_message_id IS NOT NULL);
CREATE INDEX ix_bot_message_queued ON getinn_ops.bot_message USING btree (credential_id, due_at) WHERE ((state)::text = 'queued'::text);
CREATE INDEX ix_bot_message_sending ON getinn_ops.bot_message USING btree (worker) WHERE ((state)::text = ANY ((ARRAY['sending'::character varying, 'uncertain'::character varying])::text[]));
CREATE INDEX ix_bot_message_unsent ON getinn_ops.bot_message USING btree (dialog_id, seq) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'sending'::character varying, 'uncertain'::character varying])::text[]));
CREATE INDEX ix_bot_platform_credential_bot_id ON getinn_ops.bot_platform_credential USING btree (account_id, bot_id);
CREATE INDEX ix_bot_platform_event_bot_id ON getinn_ops.bot_platform_event USING btree (account_id, bot_id);
CREATE INDEX ix_bot_platform_event_credential_id ON getinn_ops.bot_platform_event USING btree (account_id, credential_id, at, id);
CREATE INDEX ix_bot_scenario_account_id ON getinn_ops.bot_scenario USING btree (account_id, bot_id, number);
CREATE INDEX ix_bot_scenario_author_id ON getinn_ops.bot_scenario USING btree (account_id, author_id);
CREATE INDEX ix_import_batch_account_id ON getinn_ops.import_batch USING btree (account_id, entity, created_at, id);
CREATE INDEX ix_import_batch_created_at ON getinn_ops.import_batch USING btree (created_at);
CREATE INDEX ix_import_row_batch_id ON getinn_ops.import_row USING btree (account_id, batch_id, id);
CREATE INDEX ix_invitation_account_id ON getinn_ops.invitation USING btree (account_id, created_at, id);
CREATE INDEX ix_invitation_invited_by ON getinn_ops.invitation USING btree (account_id, invited_by_id);
CREATE INDEX ix_notice_kind ON getinn_ops.notice USING btree (account_id, kind, at, id);
CREATE INDEX ix_notice_mark_notice_id ON getinn_ops.notice_mark USING btree (account_id, notice_id, id);
CREATE INDEX ix_notice_mark_user_id ON getinn_ops.notice_mark USING btree (account_id, user_id, id);
CREATE INDEX ix_notice_reader_user_id ON getinn_ops.notice_reader USING btree (account_id, user_id, id);
CREATE INDEX ix_notice_restaurant_id ON getinn_ops.notice USING btree (account_id, restaurant_id, id);
CREATE INDEX ix_notice_unmailed ON getinn_ops.notice USING btree (opened_at) WHERE ((mailed_at IS NULL) AND (resolved_at IS NULL));
CREATE INDEX ix_notice_unresolved ON getinn_ops.notice USING btree (account_id, permission, opened_at) WHERE (resolved_at IS NULL);
CREATE INDEX ix_notice_updated_at ON getinn_ops.notice USING btree (updated_at);
CREATE INDEX ix_password_reset_user_id ON getinn_ops.password_reset USING btree (account_id, user_id);
CREATE INDEX ix_restaurant_account_id_iiko_sync_status ON getinn_ops.restaurant USING btree (account_id, iiko_sync_status, name, id);
CREATE INDEX ix_restaurant_account_id_is_active_name ON getinn_ops.restaurant USING btree (account_id, is_active, name, id);
CREATE INDEX ix_restaurant_account_id_is_active_updated_at ON getinn_ops.restaurant USING btree (account_id, is_active, updated_at, id);
CREATE INDEX ix_restaurant_account_id_name ON getinn_ops.restaurant USING btree (account_id, name, id);
CREATE INDEX ix_restaurant_iiko_id ON getinn_ops.restaurant USING btree (iiko_id);
CREATE INDEX ix_search_entry_account_id ON getinn_ops.search_entry USING btree (account_id, entity);
CREATE INDEX ix_search_entry_content ON getinn_ops.search_entry USING gin (account_id, content public.gin_trgm_ops);
CREATE INDEX ix_search_entry_title ON getinn_ops.search_entry USING btree (account_id, entity, title, row_id);
CREATE INDEX ix_sign_in_attempt_at ON getinn_ops.sign_in_attempt USING btree (at);
CREATE INDEX ix_sign_in_attempt_subject ON getinn_ops.sign_in_attempt USING btree (subject, at);
CREATE INDEX ix_store_account_id_is_active_name ON getinn_ops.store USING btree (account_id, is_active, name, id);
CREATE INDEX ix_store_account_id_is_active_updated_at ON getinn_ops.store USING btree (account_id, is_active, updated_at, id);
CREATE INDEX ix_store_account_id_name ON getinn_ops.store USING btree (account_id, name, id);
CREATE INDEX ix_store_equipment_store_id ON getinn_ops.store_equipment USING btree (account_id, store_id, id);
CREATE INDEX ix_store_iiko_id ON getinn_ops.store USING btree (iiko_id);
CREATE INDEX ix_store_restaurant_id ON getinn_ops.store USING btree (account_id, restaurant_id, name, id);
CREATE INDEX ix_superuser_visit_account_id ON getinn_ops.superuser_visit USING btree (account_id, started_at);
CREATE INDEX ix_superuser_visit_user_id ON getinn_ops.superuser_visit USING btree (user_id, account_id);
CREATE INDEX ix_user_account_id ON getinn_ops."user" USING btree (account_id, is_active, email, id);
CREATE INDEX ix_user_account_id_updated_at ON getinn_ops."user" USING btree (account_id, updated_at, id);
CREATE INDEX ix_user_lower_email ON getinn_ops."user" USING btree (lower((email)::text));
CREATE INDEX ix_user_restaurant_restaurant_id ON getinn_ops.user_restaurant USING btree (account_id, restaurant_id);
CREATE INDEX ix_user_session_user_id ON getinn_ops.user_session USING btree (account_id, user_id, last_seen_at);
CREATE UNIQUE INDEX uix_bot_dialog_state_bot_id_platform_chat ON getinn_ops.bot_dialog_state USING btree (bot_id, platform, platform_chat_id) WHERE (superseded_at IS NULL);
CREATE UNIQUE INDEX uix_bot_platform_credential_bot_id_platform ON getinn_ops.bot_platform_credential USING btree (bot_id, platform) WHERE (superseded_at IS NULL);
CREATE UNIQUE INDEX uix_bot_scenario_live ON getinn_ops.bot_scenario USING btree (bot_id) WHERE is_live;
CREATE UNIQUE INDEX uix_notice_unresolved ON getinn_ops.notice USING btree (account_id, kind, entity_id) WHERE (resolved_at IS NULL);
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON getinn_ops_jobs.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::getinn_ops_jobs.procrastinate_job_status));
CREATE INDEX idx_procrastinate_workers_last_heartbeat ON getinn_ops_jobs.procrastinate_workers USING btree (last_heartbeat);
CREATE INDEX procrastinate_events_job_id_fkey_v1 ON getinn_ops_jobs.procrastinate_events USING btree (job_id);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON getinn_ops_jobs.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::getinn_ops_jobs.procrastinate_job_status, 'doing'::getinn_ops_jobs.procrastinate_job_status]));
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON getinn_ops_jobs.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::getinn_ops_jobs.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON getinn_ops_jobs.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::getinn_ops_jobs.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON getinn_ops_jobs.procrastinate_jobs USING btree (queue_name);
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON getinn_ops_jobs.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::getinn_ops_jobs.procrastinate_job_status);
CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON getinn_ops_jobs.procrastinate_periodic_defers USING btree (job_id);
CREATE TRIGGER fill_account_slug BEFORE INSERT ON getinn_ops.account FOR EACH ROW WHEN ((new.slug IS NULL)) EXECUTE FUNCTION getinn_ops.fill_account_slug();
CREATE TRIGGER fill_bot_account BEFORE INSERT OR UPDATE OF bot_id ON getinn_ops.bot_dialog_state FOR EACH ROW EXECUTE FUNCTION getinn_ops.fill_bot_account();
CREATE TRIGGER fill_bot_account BEFORE INSERT OR UPDATE OF bot_id ON getinn_ops.bot_platform_credential FOR EACH ROW EXECUTE FUNCTION getinn_ops.fill_bot_account();
CREATE TRIGGER fill_bot_account BEFORE INSERT OR UPDATE OF bot_id ON getinn_ops.bot_scenario FOR EACH ROW EXECUTE FUNCTION getinn_ops.fill_bot_account();
CREATE TRIGGER fill_user_role BEFORE INSERT ON getinn_ops."user" FOR EACH ROW WHEN ((new.role IS NULL)) EXECUTE FUNCTION getinn_ops.fill_user_role();
CREATE TRIGGER forget_search AFTER DELETE ON getinn_ops.bot_dialog_state FOR EACH ROW EXECUTE FUNCTION getinn_ops.forget_search_entry();
CREATE TRIGGER forget_search AFTER DELETE ON getinn_ops.restaurant FOR EACH ROW EXECUTE FUNCTION getinn_ops.forget_search_entry();
CREATE TRIGGER forget_search AFTER DELETE ON getinn_ops.store FOR EACH ROW EXECUTE FUNCTION getinn_ops.forget_search_entry();
CREATE TRIGGER keep_search AFTER INSERT OR UPDATE ON getinn_ops.bot_dialog_state FOR EACH ROW EXECUTE FUNCTION getinn_ops.keep_search_entry();
CREATE TRIGGER keep_search AFTER INSERT OR UPDATE ON getinn_ops.restaurant FOR EACH ROW EXECUTE FUNCTION getinn_ops.keep_search_entry('titled');
CREATE TRIGGER keep_search AFTER INSERT OR UPDATE ON getinn_ops.store FOR EACH ROW EXECUTE FUNCTION getinn_ops.keep_search_entry('titled');
CREATE TRIGGER number_scenario BEFORE INSERT ON getinn_ops.bot_scenario FOR EACH ROW WHEN ((new.number IS NULL)) EXECUTE FUNCTION getinn_ops.number_scenario();
CREATE TRIGGER refuse_log_change BEFORE DELETE OR UPDATE OR TRUNCATE ON getinn_ops.audit_event FOR EACH STATEMENT EXECUTE FUNCTION getinn_ops.refuse_log_change();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.account FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.account_integration_credentials FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_connection FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_dialog_state FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_file FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_inbound_update FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_instance FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_media FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_media_upload FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_message FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_platform_credential FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_platform_event FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.bot_scenario FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.import_batch FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.import_row FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.invitation FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.notice FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.notice_mark FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.notice_reader FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.password_reset FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.restaurant FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.store FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.store_equipment FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.superuser_visit FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops."user" FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.user_restaurant FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON getinn_ops.user_session FOR EACH ROW EXECUTE FUNCTION getinn_ops.touch_updated_at();
CREATE TRIGGER wake_bot_workers AFTER INSERT ON getinn_ops.bot_inbound_update FOR EACH STATEMENT EXECUTE FUNCTION getinn_ops.wake_bot_workers();
CREATE TRIGGER wake_bot_workers AFTER INSERT ON getinn_ops.bot_message FOR EACH STATEMENT EXECUTE FUNCTION getinn_ops.wake_bot_workers();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::getinn_ops_jobs.procrastinate_job_status))) EXECUTE FUNCTION getinn_ops_jobs.procrastinate_notify_queue_abort_job_v1();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::getinn_ops_jobs.procrastinate_job_status)) EXECUTE FUNCTION getinn_ops_jobs.procrastinate_notify_queue_job_inserted_v1();
CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION getinn_ops_jobs.procrastinate_trigger_abort_requested_events_procedure_v1();
CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION getinn_ops_jobs.procrastinate_unlink_periodic_defers_v1();
CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::getinn_ops_jobs.procrastinate_job_status))) EXECUTE FUNCTION getinn_ops_jobs.procrastinate_trigger_function_scheduled_events_v1();
CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::getinn_ops_jobs.procrastinate_job_status)) EXECUTE FUNCTION getinn_ops_jobs.procrastinate_trigger_function_status_events_insert_v1();
CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON getinn_ops_jobs.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION getinn_ops_jobs.procrastinate_trigger_function_status_events_update_v1();
ALTER TABLE ONLY getinn_ops.account_integration_credentials
    ADD CONSTRAINT account_integration_credentials_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.audit_event
    ADD CONSTRAINT audit_event_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_connection
    ADD CONSTRAINT bot_connection_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_connection
    ADD CONSTRAINT bot_connection_account_id_credential_id_fkey FOREIGN KEY (account_id, credential_id) REFERENCES getinn_ops.bot_platform_credential(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_connection
    ADD CONSTRAINT bot_connection_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_connection
    ADD CONSTRAINT bot_connection_account_id_picture_id_fkey FOREIGN KEY (account_id, picture_id) REFERENCES getinn_ops.bot_file(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_account_id_scenario_id_fkey FOREIGN KEY (account_id, scenario_id) REFERENCES getinn_ops.bot_scenario(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_account_id_taken_over_by_id_fkey FOREIGN KEY (account_id, taken_over_by_id) REFERENCES getinn_ops."user"(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_dialog_state
    ADD CONSTRAINT bot_dialog_state_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES getinn_ops.bot_instance(id);
ALTER TABLE ONLY getinn_ops.bot_file
    ADD CONSTRAINT bot_file_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_inbound_update
    ADD CONSTRAINT bot_inbound_update_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_inbound_update
    ADD CONSTRAINT bot_inbound_update_account_id_credential_id_fkey FOREIGN KEY (account_id, credential_id) REFERENCES getinn_ops.bot_platform_credential(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_inbound_update
    ADD CONSTRAINT bot_inbound_update_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_instance
    ADD CONSTRAINT bot_instance_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_media
    ADD CONSTRAINT bot_media_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_media
    ADD CONSTRAINT bot_media_account_id_file_id_fkey FOREIGN KEY (account_id, file_id) REFERENCES getinn_ops.bot_file(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_media
    ADD CONSTRAINT bot_media_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_media_upload
    ADD CONSTRAINT bot_media_upload_account_id_credential_id_fkey FOREIGN KEY (account_id, credential_id) REFERENCES getinn_ops.bot_platform_credential(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_media_upload
    ADD CONSTRAINT bot_media_upload_account_id_file_id_fkey FOREIGN KEY (account_id, file_id) REFERENCES getinn_ops.bot_file(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_media_upload
    ADD CONSTRAINT bot_media_upload_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_media_upload
    ADD CONSTRAINT bot_media_upload_account_id_media_id_fkey FOREIGN KEY (account_id, media_id) REFERENCES getinn_ops.bot_media(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_account_id_author_id_fkey FOREIGN KEY (account_id, author_id) REFERENCES getinn_ops."user"(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_account_id_credential_id_fkey FOREIGN KEY (account_id, credential_id) REFERENCES getinn_ops.bot_platform_credential(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_account_id_dialog_id_fkey FOREIGN KEY (account_id, dialog_id) REFERENCES getinn_ops.bot_dialog_state(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_account_id_file_id_fkey FOREIGN KEY (account_id, file_id) REFERENCES getinn_ops.bot_file(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_message
    ADD CONSTRAINT bot_message_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_platform_credential
    ADD CONSTRAINT bot_platform_credential_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_platform_credential
    ADD CONSTRAINT bot_platform_credential_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_platform_credential
    ADD CONSTRAINT bot_platform_credential_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES getinn_ops.bot_instance(id);
ALTER TABLE ONLY getinn_ops.bot_platform_event
    ADD CONSTRAINT bot_platform_event_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_platform_event
    ADD CONSTRAINT bot_platform_event_account_id_credential_id_fkey FOREIGN KEY (account_id, credential_id) REFERENCES getinn_ops.bot_platform_credential(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.bot_platform_event
    ADD CONSTRAINT bot_platform_event_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_account_id_author_id_fkey FOREIGN KEY (account_id, author_id) REFERENCES getinn_ops."user"(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_account_id_bot_id_fkey FOREIGN KEY (account_id, bot_id) REFERENCES getinn_ops.bot_instance(account_id, id);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.bot_scenario
    ADD CONSTRAINT bot_scenario_bot_id_fkey FOREIGN KEY (bot_id) REFERENCES getinn_ops.bot_instance(id);
ALTER TABLE ONLY getinn_ops.import_batch
    ADD CONSTRAINT import_batch_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.import_row
    ADD CONSTRAINT import_row_account_id_batch_id_fkey FOREIGN KEY (account_id, batch_id) REFERENCES getinn_ops.import_batch(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.import_row
    ADD CONSTRAINT import_row_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.invitation
    ADD CONSTRAINT invitation_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.invitation
    ADD CONSTRAINT invitation_invited_by_fkey FOREIGN KEY (account_id, invited_by_id) REFERENCES getinn_ops."user"(account_id, id);
ALTER TABLE ONLY getinn_ops.notice
    ADD CONSTRAINT notice_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.notice
    ADD CONSTRAINT notice_account_id_restaurant_id_fkey FOREIGN KEY (account_id, restaurant_id) REFERENCES getinn_ops.restaurant(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.notice_mark
    ADD CONSTRAINT notice_mark_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.notice_mark
    ADD CONSTRAINT notice_mark_account_id_notice_id_fkey FOREIGN KEY (account_id, notice_id) REFERENCES getinn_ops.notice(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.notice_mark
    ADD CONSTRAINT notice_mark_account_id_user_id_fkey FOREIGN KEY (account_id, user_id) REFERENCES getinn_ops."user"(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.notice_reader
    ADD CONSTRAINT notice_reader_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.notice_reader
    ADD CONSTRAINT notice_reader_account_id_user_id_fkey FOREIGN KEY (account_id, user_id) REFERENCES getinn_ops."user"(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.password_reset
    ADD CONSTRAINT password_reset_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.password_reset
    ADD CONSTRAINT password_reset_account_id_user_id_fkey FOREIGN KEY (account_id, user_id) REFERENCES getinn_ops."user"(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.restaurant
    ADD CONSTRAINT restaurant_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.store
    ADD CONSTRAINT store_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.store
    ADD CONSTRAINT store_account_id_restaurant_id_fkey FOREIGN KEY (account_id, restaurant_id) REFERENCES getinn_ops.restaurant(account_id, id) ON DELETE RESTRICT;
ALTER TABLE ONLY getinn_ops.store_equipment
    ADD CONSTRAINT store_equipment_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.store_equipment
    ADD CONSTRAINT store_equipment_account_id_store_id_fkey FOREIGN KEY (account_id, store_id) REFERENCES getinn_ops.store(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.superuser_visit
    ADD CONSTRAINT superuser_visit_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.superuser_visit
    ADD CONSTRAINT superuser_visit_user_id_fkey FOREIGN KEY (user_id) REFERENCES getinn_ops."user"(id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops."user"
    ADD CONSTRAINT user_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.user_restaurant
    ADD CONSTRAINT user_restaurant_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.user_restaurant
    ADD CONSTRAINT user_restaurant_account_id_restaurant_id_fkey FOREIGN KEY (account_id, restaurant_id) REFERENCES getinn_ops.restaurant(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.user_restaurant
    ADD CONSTRAINT user_restaurant_account_id_user_id_fkey FOREIGN KEY (account_id, user_id) REFERENCES getinn_ops."user"(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops.user_session
    ADD CONSTRAINT user_session_account_id_fkey FOREIGN KEY (account_id) REFERENCES getinn_ops.account(id);
ALTER TABLE ONLY getinn_ops.user_session
    ADD CONSTRAINT user_session_account_id_user_id_fkey FOREIGN KEY (account_id, user_id) REFERENCES getinn_ops."user"(account_id, id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES getinn_ops_jobs.procrastinate_jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES getinn_ops_jobs.procrastinate_workers(id) ON DELETE SET NULL;
ALTER TABLE ONLY getinn_ops_jobs.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES getinn_ops_jobs.procrastinate_jobs(id);
ALTER TABLE getinn_ops.account ENABLE ROW LEVEL SECURITY;
CREATE POLICY account_adds ON getinn_ops.audit_event FOR INSERT WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
ALTER TABLE getinn_ops.account_integration_credentials ENABLE ROW LEVEL SECURITY;
CREATE POLICY account_reads ON getinn_ops.audit_event FOR SELECT USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.account USING (((id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,sign_in,link,accounts,worker}'::text[])))) WITH CHECK (((id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,sign_in,link,accounts,worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.account_integration_credentials USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_connection USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_dialog_state USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_file USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.bot_inbound_update USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_instance USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts,worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts,worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_media USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.bot_media_upload USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.bot_message USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_platform_credential USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts,worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts,worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.bot_platform_event USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.bot_scenario USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.import_batch USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.import_row USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.invitation USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{link}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{link}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.notice USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.notice_mark USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.notice_reader USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.password_reset USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{link,worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{link,worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.restaurant USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{accounts}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.search_entry USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.store USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.store_equipment USING ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif"))) WITH CHECK ((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")));
CREATE POLICY account_rows ON getinn_ops.superuser_visit USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,accounts,worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,accounts,worker}'::text[]))));
CREATE POLICY account_rows ON getinn_ops."user" USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,sign_in,link,accounts}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,sign_in,link,accounts}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.user_restaurant USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session}'::text[]))));
CREATE POLICY account_rows ON getinn_ops.user_session USING (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,worker}'::text[])))) WITH CHECK (((account_id = ( SELECT (NULLIF(current_setting('getinn.account_id'::text, true), ''::text))::uuid AS "nullif")) OR (( SELECT current_setting('getinn.door'::text, true) AS current_setting) = ANY ('{session,worker}'::text[]))));
ALTER TABLE getinn_ops.audit_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_connection ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_dialog_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_inbound_update ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_instance ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_media ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_media_upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_platform_credential ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_platform_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.bot_scenario ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.import_batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.import_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.notice_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.notice_reader ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.password_reset ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.restaurant ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.search_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.store ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.store_equipment ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.superuser_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops."user" ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.user_restaurant ENABLE ROW LEVEL SECURITY;
ALTER TABLE getinn_ops.user_session ENABLE ROW LEVEL SECURITY;
