-- Requests to be called, and the attempts at them: who claims one, what an outcome leads to.
--
-- Whoever changes a request or an attempt locks the request first, so no two wait for each other.

-- A line of a request's timeline.
CREATE FUNCTION note_request_v1(
    p_request uuid, p_name text, p_data jsonb DEFAULT '{}', p_at timestamptz DEFAULT clock_timestamp()
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO request_event (request_id, at, name, data)
    VALUES (p_request, p_at, p_name, coalesce(p_data, '{}'));
END $$;

-- -- A request is made

-- The row of a request, not yet stored. Keys of `p`: id subscriber (code) subject (code) source visitor
-- number customer (id) customer_code note page_title page_url pages whisper_code wanted_agent (user name)
-- wanted_skill time_zone wanted_ms entered_ms proof_code consent_text first_call key. Needed are
-- subscriber, subject, source and number. `customer_code` is what the merchant says, signed or
-- authenticated, never what a visitor typed: it identifies the customer.
CREATE FUNCTION read_request_v1(p jsonb) RETURNS call_request LANGUAGE plpgsql AS $$
DECLARE
    q call_request;
BEGIN
    SELECT s.id, u.id INTO q.subscriber_id, q.rule_id
    FROM subscriber s JOIN routing_rule u ON u.subscriber_id = s.id
    WHERE s.code = p ->> 'subscriber' AND u.subject_code = p ->> 'subject' AND u.active;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no active subject % of subscriber %',
            left(p ->> 'subject', 40), left(p ->> 'subscriber', 40) USING ERRCODE = 'CB011';
    END IF;
    q.id := coalesce((p ->> 'id')::uuid, gen_random_uuid());
    q.source := (p ->> 'source')::request_source;
    q.visitor_id := visitor_of_v1(q.subscriber_id, p ->> 'visitor');
    q.number := p ->> 'number';
    q.customer_code := p ->> 'customer_code';
    q.customer_id := coalesce((p ->> 'customer')::bigint, (
        SELECT k.id FROM customer k
        WHERE k.subscriber_id = q.subscriber_id AND k.code = p ->> 'customer_code'));
    q.note := coalesce(p ->> 'note', '');
    q.page_title := coalesce(p ->> 'page_title', '');
    q.page_url := coalesce(p ->> 'page_url', '');
    q.pages := jsonb_path_query_array(coalesce(p -> 'pages', '[]'), '$[last - 49 to last]');
    q.whisper_code := coalesce(p ->> 'whisper_code', '');
    q.wanted_agent_id := agent_of_v1(q.subscriber_id, p ->> 'wanted_agent');
    q.wanted_skill := p ->> 'wanted_skill';
    q.time_zone := coalesce(p ->> 'time_zone', 'UTC');
    q.wanted_at := coalesce(time_of_ms_v1(p ->> 'wanted_ms'), now());
    q.due_at := greatest(q.wanted_at, now());
    q.entered_at := coalesce(time_of_ms_v1(p ->> 'entered_ms'), q.due_at);
    q.state := 'waiting';
    q.attempts := 0;
    q.proof_code := p ->> 'proof_code';
    q.consent_text := p ->> 'consent_text';
    q.consented_at := CASE WHEN q.consent_text IS NOT NULL THEN now() END;
    q.first_call_id := (p ->> 'first_call')::uuid;
    q.idempotency_key := p ->> 'key';
    q.created_at := now();
    RETURN q;
END $$;

-- The visitor, if it is one of this subscriber's; null stays null.
CREATE FUNCTION visitor_of_v1(p_subscriber integer, p_visitor text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_id uuid;
BEGIN
    IF p_visitor IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT v.id INTO v_id FROM visitor_session v
    WHERE v.id = p_visitor::uuid AND v.subscriber_id = p_subscriber;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the visitor is not one of this subscriber' USING ERRCODE = 'CB011';
    END IF;
    RETURN v_id;
END $$;

-- The agent of that user name, if she works for this subscriber; null stays null.
CREATE FUNCTION agent_of_v1(p_subscriber integer, p_username text) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_id integer;
BEGIN
    IF p_username IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT u.id INTO v_id FROM user_account u
    WHERE u.username = p_username AND u.active AND EXISTS (
        SELECT FROM group_member m JOIN agent_group g ON g.id = m.group_id
        WHERE m.user_id = u.id AND g.subscriber_id = p_subscriber);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this subscriber has no agent %', left(p_username, 40) USING ERRCODE = 'CB011';
    END IF;
    RETURN v_id;
END $$;

-- Stores a request once by its idempotency key; `made` is false when it was there. The same key with
-- another wish is refused.
CREATE FUNCTION make_request_v1(p jsonb) RETURNS TABLE (request uuid, made boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_new call_request := read_request_v1(p);
    v_old call_request;
BEGIN
    INSERT INTO call_request SELECT v_new.*
    ON CONFLICT (subscriber_id, source, idempotency_key) DO NOTHING;
    IF FOUND THEN
        PERFORM note_request_v1(v_new.id, 'request.made', jsonb_build_object(
            'source', v_new.source, 'due', iso_time_v1(v_new.due_at)));
        RETURN QUERY SELECT v_new.id, true;
        RETURN;
    END IF;
    SELECT * INTO STRICT v_old FROM call_request r
    WHERE r.subscriber_id = v_new.subscriber_id AND r.source = v_new.source
      AND r.idempotency_key = v_new.idempotency_key;
    IF (v_old.rule_id, v_old.number, v_old.visitor_id, v_old.note, v_old.customer_code, v_old.page_url,
            v_old.pages, v_old.wanted_agent_id, v_old.wanted_skill)
        IS DISTINCT FROM (v_new.rule_id, v_new.number, v_new.visitor_id, v_new.note,
            v_new.customer_code, v_new.page_url, v_new.pages, v_new.wanted_agent_id, v_new.wanted_skill)
        OR p ->> 'wanted_ms' IS NOT NULL AND v_old.wanted_at <> v_new.wanted_at THEN
        RAISE EXCEPTION 'the idempotency key was used for another request' USING ERRCODE = 'CB005';
    END IF;
    RETURN QUERY SELECT v_old.id, false;
END $$;

-- -- An attempt begins

-- An attempt as docs/architecture.md has it.
CREATE FUNCTION attempt_json_v1(p_attempt uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', a.id, 'request', q.id, 'number', q.number, 'attempt', a.attempt,
            'subscriber', jsonb_build_object('code', s.code, 'name', s.name),
            'source', q.source, 'visitor', q.visitor_id, 'rule', rule_json_v1(u),
            'hold_text', fill_template_v1(w.hold_text, jsonb_build_object('company', s.name)),
            'farewell_text', fill_template_v1(w.farewell_text, jsonb_build_object('company', s.name)),
            'customer', q.customer_id, 'customer_code', coalesce(q.customer_code, ''), 'note', q.note,
            'page_title', q.page_title, 'page_url', q.page_url, 'pages', q.pages,
            'whisper_code', q.whisper_code, 'wanted_agent', q.wanted_agent_id,
            'wanted_skill', q.wanted_skill, 'entered_ms', ms_of_v1(q.entered_at),
            'due_ms', ms_of_v1(a.due_at),
            'proof_code', CASE WHEN q.proved_at IS NULL THEN q.proof_code END)
        FROM callback_attempt a
        JOIN call_request q ON q.id = a.request_id
        JOIN subscriber s ON s.id = q.subscriber_id
        JOIN routing_rule u ON u.id = q.rule_id
        LEFT JOIN web_presence w ON w.subscriber_id = s.id
        WHERE a.id = p_attempt);
END $$;

CREATE FUNCTION rule_json_v1(u routing_rule) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'subject', u.subject_code, 'name', u.name, 'destination', u.destination,
        'group', (SELECT g.code FROM agent_group g WHERE g.id = u.group_id),
        'external', u.external, 'dnis', u.dnis, 'tag2', u.tag2,
        'whisper_template', u.whisper_template, 'placement', u.placement, 'sign_on', u.sign_on,
        'ring_customer_s', u.ring_customer_seconds, 'ring_agent_s', u.ring_agent_seconds,
        'sign_on_s', u.sign_on_seconds, 'detect_voicemail', u.detect_voicemail,
        'needs', u.needs, 'priority', u.priority);
END $$;

-- Attempts begun in the last minute, for a subscriber or for all, as policy_facts_v1 counts them, with
-- those that are about to be judged. One that was handed over long after it was claimed is left out:
-- the policy counts it, and this is asked often.
CREATE FUNCTION begun_last_minute_v1(p_subscriber integer DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM callback_attempt a JOIN call_request q ON q.id = a.request_id
        WHERE a.claimed_at > now() - interval '5 minutes'
          AND (a.state = 'claimed' OR a.handed_at > now() - interval '1 minute')
          AND (p_subscriber IS NULL OR q.subscriber_id = p_subscriber));
END $$;

-- How many attempts a subscriber may begin now: as many as lines and the limit per minute leave. Where
-- the policy allows none at all it is asked, and refuses with its reason.
CREATE FUNCTION subscriber_room_v1(p_subscriber integer) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE
    p dialling_policy;
    v_room integer := 1000;
BEGIN
    SELECT * INTO p FROM dialling_policy WHERE subscriber_id = p_subscriber;
    -- Each has a leg to the customer and one to whoever talks to them.
    IF p.concurrent_legs >= 2 THEN
        v_room := p.concurrent_legs / 2 - (
            SELECT count(*) FROM callback_attempt a JOIN call_request q ON q.id = a.request_id
            WHERE a.state <> 'ended' AND q.subscriber_id = p_subscriber);
    END IF;
    IF p.per_subscriber_minute > 0 THEN
        v_room := least(v_room, p.per_subscriber_minute - begun_last_minute_v1(p_subscriber));
    END IF;
    RETURN v_room;
END $$;

-- Subscribers for whom something is due that has to wait for others of their calls.
CREATE FUNCTION full_subscribers_v1() RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(d.subscriber_id), '{}')
        FROM (SELECT DISTINCT q.subscriber_id FROM call_request q
              WHERE q.state = 'waiting' AND q.due_at <= clock_timestamp()) d
        WHERE subscriber_room_v1(d.subscriber_id) <= 0);
END $$;

-- One worker at a time, until the end of its transaction: two who count what is free at the same moment
-- would both take the last of it.
CREATE FUNCTION lock_claims_v1() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('claim_callback'));
END $$;

-- Due requests become attempts, in the order of service; answers them as JSON. `p_room`: group code ->
-- how many may be begun for it; a group that is not named gets none, null sets no limit. `p_per_minute`:
-- how many a minute may be begun for all subscribers together; null sets no limit. Whoever counts `p_room` calls
-- lock_claims_v1 before.
CREATE FUNCTION claim_callback_v1(
    p_worker text, p_lease_seconds double precision, p_limit integer, p_room jsonb DEFAULT NULL,
    p_per_minute integer DEFAULT NULL
) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_room jsonb := p_room;
    v_legs jsonb := '{}';
    v_full integer[];
    v_most integer;
    v_due record;
    v_left integer;
BEGIN
    PERFORM lock_claims_v1();
    v_full := full_subscribers_v1();
    v_most := least(p_limit, greatest(0, coalesce(p_per_minute - begun_last_minute_v1(), p_limit)));
    FOR v_due IN
        SELECT q.id, q.subscriber_id::text AS subscriber, q.subscriber_id, g.code::text AS group_code
        FROM call_request q
        JOIN routing_rule u ON u.id = q.rule_id
        LEFT JOIN agent_group g ON g.id = u.group_id
        WHERE q.state = 'waiting' AND q.due_at <= clock_timestamp()
          AND q.subscriber_id <> ALL (v_full)
          AND (p_room IS NULL OR g.code IS NULL OR coalesce((p_room ->> g.code)::integer, 0) > 0)
        ORDER BY u.priority DESC, q.entered_at, q.id
        LIMIT v_most
        FOR UPDATE OF q SKIP LOCKED
    LOOP
        v_left := coalesce((v_legs ->> v_due.subscriber)::integer, subscriber_room_v1(v_due.subscriber_id));
        CONTINUE WHEN v_left <= 0
            OR v_room IS NOT NULL AND v_due.group_code IS NOT NULL
               AND (v_room ->> v_due.group_code)::integer <= 0;
        v_legs := v_legs || jsonb_build_object(v_due.subscriber, v_left - 1);
        IF v_room ? v_due.group_code THEN
            v_room := v_room || jsonb_build_object(
                v_due.group_code, (v_room ->> v_due.group_code)::integer - 1);
        END IF;
        RETURN NEXT begin_attempt_v1(v_due.id, p_worker, p_lease_seconds);
    END LOOP;
END $$;

-- The next attempt at a request that the caller has locked.
CREATE FUNCTION begin_attempt_v1(p_request uuid, p_worker text, p_lease_seconds double precision)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := gen_random_uuid();
BEGIN
    INSERT INTO callback_attempt (id, request_id, attempt, worker, lease_until, due_at)
    SELECT v_id, q.id, q.attempts + 1, p_worker,
        clock_timestamp() + make_interval(secs => p_lease_seconds), q.due_at
    FROM call_request q WHERE q.id = p_request;
    UPDATE call_request SET state = 'dialling', attempts = attempts + 1 WHERE id = p_request;
    PERFORM note_request_v1(p_request, 'attempt.claimed', jsonb_build_object('call', v_id));
    RETURN attempt_json_v1(v_id);
END $$;

-- The request of an attempt, locked; a row of nulls when there is no such attempt.
CREATE FUNCTION lock_request_of_v1(p_attempt uuid) RETURNS call_request LANGUAGE plpgsql AS $$
DECLARE
    q call_request;
BEGIN
    SELECT r.* INTO q FROM call_request r
    WHERE r.id = (SELECT a.request_id FROM callback_attempt a WHERE a.id = p_attempt) FOR UPDATE;
    RETURN q;
END $$;

-- The app may have it now: true, also when it had been handed over before, since it begins it only
-- once; one that is dialled already is the app's to end. False: it is over, or its request was taken
-- back.
CREATE FUNCTION hand_over_callback_v1(p_attempt uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_of_v1(p_attempt);
    v_state attempt_state;
BEGIN
    SELECT a.state INTO v_state FROM callback_attempt a WHERE a.id = p_attempt;
    IF v_state = 'claimed' AND q.state = 'dialling' THEN
        UPDATE callback_attempt SET state = 'handed', handed_at = clock_timestamp() WHERE id = p_attempt;
        PERFORM note_request_v1(q.id, 'attempt.handed', jsonb_build_object('call', p_attempt));
        RETURN true;
    END IF;
    RETURN coalesce(v_state = 'dialled' OR v_state = 'handed' AND q.state = 'dialling', false);
END $$;

-- Whoever looks after these attempts goes on to do so.
CREATE FUNCTION extend_lease_v1(p_attempts uuid[], p_lease_seconds double precision) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    v_count integer;
BEGIN
    UPDATE callback_attempt SET lease_until = greatest(lease_until,
        clock_timestamp() + make_interval(secs => p_lease_seconds))
    WHERE id = ANY (p_attempts) AND state <> 'ended';
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;

-- Attempts whose lease ran out, now leased to this worker, which finds out what became of them:
-- {state, attempt, recorded}; `recorded`: the call has a row. Two workers never get the same one.
CREATE FUNCTION expired_attempts_v1(p_worker text, p_lease_seconds double precision, p_limit integer)
RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    UPDATE callback_attempt a SET worker = p_worker,
        lease_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    WHERE a.id IN (
        SELECT x.id FROM callback_attempt x
        WHERE x.state <> 'ended' AND x.lease_until < clock_timestamp()
        ORDER BY x.lease_until LIMIT p_limit FOR UPDATE SKIP LOCKED)
    RETURNING jsonb_build_object('state', a.state, 'attempt', attempt_json_v1(a.id),
        'recorded', EXISTS (SELECT FROM call c WHERE c.id = a.id));
END $$;

-- -- An attempt ends

-- A request is over; whoever asked is told.
CREATE FUNCTION finish_request_v1(p_request uuid, p_state request_state, p_outcome text, p_data jsonb DEFAULT '{}')
RETURNS request_state LANGUAGE plpgsql AS $$
BEGIN
    UPDATE call_request SET state = p_state, outcome = p_outcome, ended_at = clock_timestamp()
    WHERE id = p_request;
    PERFORM note_request_v1(p_request, 'request.' || p_state, p_data || jsonb_build_object('outcome', p_outcome));
    RETURN p_state;
END $$;

-- Customer and agent hear each other.
CREATE FUNCTION connect_request_v1(p_attempt uuid, p_at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_of_v1(p_attempt);
BEGIN
    IF q.state = 'dialling' THEN
        UPDATE call_request SET state = 'connected' WHERE id = q.id;
        PERFORM note_request_v1(q.id, 'request.connected', jsonb_build_object('call', p_attempt), p_at);
    END IF;
END $$;

-- Another attempt after the subscriber's spacing, at the same place in the queue; or none is left.
CREATE FUNCTION retry_request_v1(q call_request, p_outcome text) RETURNS request_state
LANGUAGE plpgsql AS $$
DECLARE
    v_most integer;
    v_after integer[];
    v_made integer;
    v_due timestamptz;
BEGIN
    SELECT coalesce(max(p.max_attempts), 3), coalesce(max(p.retry_after_seconds), '{60,300,900}')
    INTO v_most, v_after FROM dialling_policy p WHERE p.subscriber_id = q.subscriber_id;
    -- An attempt that the policy stopped was none.
    SELECT count(*) INTO v_made FROM callback_attempt a
    WHERE a.request_id = q.id AND a.outcome IS DISTINCT FROM 'cancelled';
    IF v_made >= v_most THEN
        RETURN CASE WHEN q.state = 'connected' THEN finish_request_v1(q.id, 'completed', p_outcome)
            ELSE finish_request_v1(q.id, 'given_up', p_outcome) END;
    END IF;
    v_due := clock_timestamp() + make_interval(
        secs => coalesce(v_after[least(v_made, cardinality(v_after))], 60));
    UPDATE call_request SET state = 'waiting', due_at = v_due, outcome = p_outcome WHERE id = q.id;
    PERFORM note_request_v1(q.id, 'request.waiting', jsonb_build_object(
        'outcome', p_outcome, 'due', iso_time_v1(v_due)));
    RETURN 'waiting';
END $$;

-- What an outcome means for the request.
CREATE FUNCTION follow_outcome_v1(q call_request, p_outcome attempt_outcome) RETURNS request_state
LANGUAGE plpgsql AS $$
BEGIN
    IF q.state NOT IN ('dialling', 'connected') THEN
        RETURN q.state;
    ELSIF p_outcome = 'answered' AND q.state = 'dialling' THEN
        UPDATE call_request SET state = 'connected' WHERE id = q.id;
        RETURN finish_request_v1(q.id, 'completed', 'answered');
    ELSIF q.state = 'connected' AND p_outcome <> 'failed' THEN
        RETURN finish_request_v1(q.id, 'completed', p_outcome::text);
    ELSIF p_outcome = 'cancelled' THEN
        RETURN finish_request_v1(q.id, 'cancelled', 'cancelled');
    -- Who declines the call, or is not the one who asked, is not called again.
    ELSIF p_outcome IN ('refused', 'not_proved') THEN
        RETURN finish_request_v1(q.id, 'given_up', p_outcome::text);
    END IF;
    RETURN retry_request_v1(q, p_outcome::text);
END $$;

-- Ends an attempt once, whoever says so first; answers the request's state then, null for no attempt.
CREATE FUNCTION end_attempt_v1(
    p_attempt uuid, p_outcome text, p_sip_code integer DEFAULT NULL,
    p_at timestamptz DEFAULT clock_timestamp()
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_of_v1(p_attempt);
BEGIN
    UPDATE callback_attempt SET state = 'ended', outcome = p_outcome::attempt_outcome,
        sip_code = CASE WHEN p_sip_code BETWEEN 100 AND 699 THEN p_sip_code END, ended_at = p_at
    WHERE id = p_attempt AND state <> 'ended';
    IF NOT FOUND THEN
        RETURN q.state;
    END IF;
    PERFORM note_request_v1(q.id, 'attempt.ended', jsonb_strip_nulls(jsonb_build_object(
        'call', p_attempt, 'outcome', p_outcome, 'sip_code', p_sip_code)), p_at);
    RETURN follow_outcome_v1(q, p_outcome::attempt_outcome);
END $$;

-- The dialling policy stops an attempt before it is handed over: until `p_later`, or for good.
CREATE FUNCTION refuse_attempt_v1(p_attempt uuid, p_reason text, p_later timestamptz DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_of_v1(p_attempt);
BEGIN
    UPDATE callback_attempt SET state = 'ended', outcome = 'cancelled', ended_at = clock_timestamp()
    WHERE id = p_attempt AND state = 'claimed';
    IF NOT FOUND OR q.state <> 'dialling' THEN
        RETURN q.state;
    ELSIF p_later IS NULL THEN
        RETURN finish_request_v1(q.id, 'refused', p_reason);
    END IF;
    UPDATE call_request SET state = 'waiting', due_at = p_later WHERE id = q.id;
    PERFORM note_request_v1(q.id, 'request.moved', jsonb_build_object(
        'reason', p_reason, 'due', iso_time_v1(p_later)));
    RETURN 'waiting';
END $$;

-- -- Others change a request

CREATE FUNCTION lock_request_v1(p_request uuid) RETURNS call_request LANGUAGE plpgsql AS $$
DECLARE
    q call_request;
BEGIN
    SELECT * INTO q FROM call_request WHERE id = p_request FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such call request' USING ERRCODE = 'CB012';
    END IF;
    RETURN q;
END $$;

-- Takes a request back: {state, call}. `call` is an attempt that the app has; it has to be told.
CREATE FUNCTION cancel_request_v1(p_request uuid, p_by text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_v1(p_request);
    v_call uuid;
BEGIN
    IF q.state NOT IN ('waiting', 'dialling', 'cancelled') THEN
        RAISE EXCEPTION 'the request is % and cannot be cancelled any more',
            replace(q.state::text, '_', ' ') USING ERRCODE = 'CB013';
    END IF;
    IF q.state <> 'cancelled' THEN
        PERFORM finish_request_v1(q.id, 'cancelled', 'cancelled', jsonb_build_object('by', p_by));
        UPDATE callback_attempt SET state = 'ended', outcome = 'cancelled', ended_at = clock_timestamp()
        WHERE request_id = q.id AND state = 'claimed';
    END IF;
    SELECT a.id INTO v_call FROM callback_attempt a WHERE a.request_id = q.id AND a.state <> 'ended';
    RETURN jsonb_build_object('state', 'cancelled', 'call', v_call);
END $$;

-- A waiting request is due at another time.
CREATE FUNCTION move_request_v1(p_request uuid, p_due timestamptz, p_by text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_v1(p_request);
BEGIN
    IF q.state <> 'waiting' THEN
        RAISE EXCEPTION 'the request is % and does not wait any more',
            replace(q.state::text, '_', ' ') USING ERRCODE = 'CB013';
    END IF;
    UPDATE call_request SET due_at = p_due WHERE id = q.id;
    PERFORM note_request_v1(q.id, 'request.moved', jsonb_build_object(
        'by', p_by, 'due', iso_time_v1(p_due)));
END $$;

-- Gives up requests that have been due for longer, with nobody there to take the call. How many.
CREATE FUNCTION give_up_requests_v1(p_older interval) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid;
    v_count integer := 0;
BEGIN
    FOR v_id IN
        SELECT id FROM call_request WHERE state = 'waiting' AND due_at < now() - p_older
        FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM finish_request_v1(v_id, 'given_up', 'no_agent');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $$;

-- -- A request is shown

-- A request with its attempts and its timeline; null when there is none.
CREATE FUNCTION request_json_v1(p_request uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'id', q.id, 'subscriber', s.code, 'subject', u.subject_code, 'subject_name', u.name,
            'source', q.source, 'visitor', q.visitor_id, 'number', q.number,
            'customer', k.code, 'customer_code', q.customer_code, 'note', q.note,
            'page_title', q.page_title, 'page_url', q.page_url, 'pages', q.pages,
            'whisper_code', q.whisper_code, 'wanted_agent', w.username, 'wanted_skill', q.wanted_skill,
            'time_zone', q.time_zone, 'state', q.state, 'outcome', q.outcome,
            'wanted', iso_time_v1(q.wanted_at), 'entered', iso_time_v1(q.entered_at),
            'due', iso_time_v1(q.due_at), 'created', iso_time_v1(q.created_at),
            'ended', iso_time_v1(q.ended_at), 'consented', iso_time_v1(q.consented_at),
            'proved', iso_time_v1(q.proved_at), 'first_call', q.first_call_id,
            'attempts', attempts_json_v1(q.id), 'timeline', request_timeline_v1(q.id))
        FROM call_request q
        JOIN subscriber s ON s.id = q.subscriber_id
        JOIN routing_rule u ON u.id = q.rule_id
        LEFT JOIN customer k ON k.id = q.customer_id
        LEFT JOIN user_account w ON w.id = q.wanted_agent_id
        WHERE q.id = p_request);
END $$;

-- `late_ms`: from when it was due to when a leg was first dialled.
CREATE FUNCTION attempts_json_v1(p_request uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', a.id, 'attempt', a.attempt, 'state', a.state, 'outcome', a.outcome,
            'sip_code', a.sip_code, 'due', iso_time_v1(a.due_at), 'claimed', iso_time_v1(a.claimed_at),
            'handed', iso_time_v1(a.handed_at), 'dialled', iso_time_v1(a.dialled_at),
            'ended', iso_time_v1(a.ended_at),
            'late_ms', ms_of_v1(a.dialled_at) - ms_of_v1(a.due_at)) ORDER BY a.attempt), '[]')
        FROM callback_attempt a WHERE a.request_id = p_request);
END $$;

CREATE FUNCTION request_timeline_v1(p_request uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', iso_time_v1(e.at), 'name', e.name, 'data', e.data)
            ORDER BY date_trunc('milliseconds', e.at), e.id), '[]')
        FROM request_event e WHERE e.request_id = p_request);
END $$;
