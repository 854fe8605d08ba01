-- The journal: facts that the app wrote to Redis, applied here in order, each exactly once.

-- The call's row; made when the database was away while the call came in.
CREATE FUNCTION ensure_call_v1(p_call uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO call (id, started) VALUES (p_call, p_at) ON CONFLICT (id) DO NOTHING;
    IF FOUND THEN
        PERFORM fill_callback_v1(p_call);
    END IF;
END $$;

-- A call that is an attempt at a request belongs to it, and to whom it is for.
CREATE FUNCTION fill_callback_v1(p_call uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE call c SET request_id = q.id, direction = 'outbound', subscriber_id = q.subscriber_id,
        group_id = u.group_id, ani = q.number, dnis = u.dnis, customer_id = q.customer_id
    FROM callback_attempt a
    JOIN call_request q ON q.id = a.request_id
    JOIN routing_rule u ON u.id = q.rule_id
    WHERE a.id = p_call AND c.id = p_call;
END $$;

-- `call`: only the keys that `set` has are changed; call data is merged.
CREATE FUNCTION apply_call_v1(p_call uuid, p_at timestamptz, s jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ensure_call_v1(p_call, coalesce(time_of_ms_v1(s ->> 'started_ms'), p_at));
    UPDATE call SET
        ani = CASE WHEN s ? 'ani'
            THEN CASE WHEN s ->> 'ani' ~ '^\+[1-9][0-9]{6,14}$' THEN s ->> 'ani' END ELSE ani END,
        dnis = coalesce(s ->> 'dnis', dnis),
        direction = coalesce((s ->> 'direction')::call_direction, direction),
        priority = coalesce((s ->> 'priority')::smallint, priority),
        route = CASE WHEN s ? 'route' THEN s ->> 'route' ELSE route END,
        state = coalesce((s ->> 'state')::call_state, state),
        outcome = CASE WHEN s ? 'outcome' THEN (s ->> 'outcome')::call_outcome ELSE outcome END,
        agent_id = CASE WHEN s ? 'agent' THEN (s ->> 'agent')::integer ELSE agent_id END,
        cti = cti || coalesce(s -> 'cti', '{}'),
        -- The IVR saw the caller before the app did: the earlier time is the start.
        started = least(time_of_ms_v1(s ->> 'started_ms'), started),
        queued = coalesce(time_of_ms_v1(s ->> 'queued_ms'), queued),
        answered = coalesce(time_of_ms_v1(s ->> 'answered_ms'), answered),
        -- Null again when the call goes on to the next agent.
        signed_on = CASE WHEN s ? 'signed_on_ms' THEN time_of_ms_v1(s ->> 'signed_on_ms')
            ELSE signed_on END,
        ended = coalesce(time_of_ms_v1(s ->> 'ended_ms'), CASE
            WHEN s ->> 'state' = 'ended' THEN coalesce(ended, p_at)
            WHEN s ? 'state' AND state = 'ended' THEN NULL
            ELSE ended END)
    WHERE id = p_call;
    IF s ? 'proved_ms' THEN
        PERFORM prove_callback_v1(p_call, time_of_ms_v1(s ->> 'proved_ms'));
    END IF;
    IF s ? 'subscriber' OR s ? 'group' OR s ? 'dnis' THEN
        PERFORM place_call_v1(p_call, s ->> 'subscriber', s ->> 'group');
    END IF;
    IF s ->> 'state' = 'connected' THEN
        PERFORM connect_request_v1(p_call, p_at);
    END IF;
END $$;

-- Subscriber and group by their codes; what is not named is taken from the number that was dialled.
CREATE FUNCTION place_call_v1(p_call uuid, p_subscriber text, p_group text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_group agent_group;
BEGIN
    SELECT g.* INTO v_group FROM agent_group g WHERE g.code = p_group;
    IF NOT FOUND AND p_group IS NOT NULL THEN
        RAISE EXCEPTION 'there is no agent group %', left(p_group, 40) USING ERRCODE = 'CB009';
    END IF;
    UPDATE call c SET
        subscriber_id = coalesce((SELECT s.id FROM subscriber s WHERE s.code = p_subscriber),
            c.subscriber_id, v_group.subscriber_id,
            (SELECT d.subscriber_id FROM did d WHERE d.number = c.dnis)),
        group_id = coalesce(v_group.id, c.group_id,
            (SELECT d.group_id FROM did d WHERE d.number = c.dnis)),
        cti = c.cti || jsonb_strip_nulls(jsonb_build_object('QUEUE', v_group.code))
    WHERE c.id = p_call;
END $$;

-- `leg`: upsert by channel; only the keys that `set` has are changed.
CREATE FUNCTION apply_leg_v1(p_call uuid, p_at timestamptz, p_channel text, s jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ensure_call_v1(p_call, p_at);
    INSERT INTO call_leg (call_id, channel, started)
    VALUES (p_call, p_channel, coalesce(time_of_ms_v1(s ->> 'started_ms'), p_at))
    ON CONFLICT (call_id, channel) DO NOTHING;
    UPDATE call_leg SET
        role = coalesce((s ->> 'role')::leg_role, role),
        party = coalesce(s ->> 'party', party),
        attempt = coalesce((s ->> 'attempt')::smallint, attempt),
        -- The IVR saw the caller before the app did: the earlier time is the start.
        started = least(time_of_ms_v1(s ->> 'started_ms'), started),
        answered = coalesce(time_of_ms_v1(s ->> 'answered_ms'), answered),
        ended = coalesce(time_of_ms_v1(s ->> 'ended_ms'), ended),
        cause = coalesce((s ->> 'cause')::integer, cause),
        tech_cause = coalesce(s ->> 'tech_cause', tech_cause)
    WHERE call_id = p_call AND channel = p_channel;
END $$;

-- `attempt`: what became of it moves its request on. News of an attempt are a sign of life.
CREATE FUNCTION apply_attempt_v1(p_attempt uuid, p_at timestamptz, s jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    q call_request := lock_request_of_v1(p_attempt);
BEGIN
    IF q.id IS NULL THEN
        RAISE EXCEPTION 'there is no callback attempt %', p_attempt USING ERRCODE = 'CB009';
    END IF;
    IF s ->> 'state' = 'dialled' OR s ? 'dialled_ms' THEN
        UPDATE callback_attempt SET state = 'dialled',
            dialled_at = coalesce(dialled_at, time_of_ms_v1(s ->> 'dialled_ms'), p_at)
        WHERE id = p_attempt AND state IN ('claimed', 'handed');
        IF FOUND THEN
            PERFORM note_request_v1(q.id, 'attempt.dialled', jsonb_build_object('call', p_attempt),
                coalesce(time_of_ms_v1(s ->> 'dialled_ms'), p_at));
        END IF;
    END IF;
    PERFORM extend_lease_v1(ARRAY[p_attempt], 30);
    IF s ->> 'outcome' IS NOT NULL THEN
        PERFORM end_attempt_v1(p_attempt, s ->> 'outcome', (s ->> 'sip_code')::integer,
            coalesce(time_of_ms_v1(s ->> 'ended_ms'), p_at));
    END IF;
END $$;

-- `push`: a page that went to a visitor's browser, once by its id.
CREATE FUNCTION apply_push_v1(p_call uuid, p_at timestamptz, p jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO page_push (id, call_id, visitor_id, page_id, title, url, framing, agent_id, origin, pushed_at)
    VALUES ((p ->> 'id')::uuid, p_call, (p ->> 'visitor')::uuid, (p ->> 'page')::integer, p ->> 'title',
        p ->> 'url', (p ->> 'framing')::page_framing, (p ->> 'agent')::integer,
        (p ->> 'origin')::push_origin, p_at)
    ON CONFLICT (id) DO NOTHING;
END $$;

-- One entry. Its row in the timeline carries the journal id: a second time finds it there and stops.
CREATE FUNCTION apply_entry_v1(e jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_call uuid := (e ->> 'call')::uuid;
    v_at timestamptz := coalesce(time_of_ms_v1(e ->> 'at_ms'), now());
    v_set jsonb := coalesce(e -> 'set', '{}');
    v_name text;
    v_data jsonb;
BEGIN
    CASE e ->> 'kind'
        WHEN 'call' THEN v_name := 'call.changed'; v_data := v_set;
        WHEN 'leg' THEN
            v_name := 'leg.changed';
            v_data := v_set || jsonb_build_object('channel', e ->> 'channel');
        WHEN 'event' THEN v_name := e ->> 'name'; v_data := coalesce(e -> 'data', '{}');
        WHEN 'disposition' THEN
            -- What became of it says the disposition: an agent's own code stands.
            v_name := CASE WHEN e ->> 'code' LIKE 'SYS_IVR_%' THEN 'offer.answered'
                ELSE 'wrap_up.timed_out' END;
            v_data := jsonb_strip_nulls(jsonb_build_object('kind', e ->> 'offer_kind', 'code', e ->> 'code',
                'offer', e ->> 'offer'));
        WHEN 'attempt' THEN v_name := 'attempt.changed'; v_data := v_set;
        WHEN 'push' THEN
            v_name := 'page.pushed';
            v_data := (e -> 'push') - 'visitor';
        WHEN 'request_event' THEN v_name := e ->> 'name'; v_data := coalesce(e -> 'data', '{}');
        WHEN 'decision' THEN
            -- The rest is in the table `decision`.
            v_name := 'call.decided';
            v_data := jsonb_build_object('decision', e #> '{decision,id}', 'chosen', e #> '{decision,chosen}',
                'route', e #> '{decision,route}');
        WHEN 'exposure' THEN v_name := 'offer.presented'; v_data := e -> 'exposure';
        ELSE RAISE EXCEPTION 'unknown kind of journal entry: %', left(e ->> 'kind', 40)
            USING ERRCODE = 'CB009';
    END CASE;
    INSERT INTO call_event (call_id, at, name, data, journal_id)
    VALUES (v_call, v_at, v_name, v_data, e ->> 'id')
    ON CONFLICT (journal_id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    CASE e ->> 'kind'
        WHEN 'call' THEN PERFORM apply_call_v1(v_call, v_at, v_set);
        WHEN 'leg' THEN PERFORM apply_leg_v1(v_call, v_at, e ->> 'channel', v_set);
        WHEN 'disposition' THEN
            PERFORM record_system_disposition_v1(v_call, e ->> 'offer_kind', e ->> 'code', e ->> 'key',
                e ->> 'offer');
        WHEN 'attempt' THEN PERFORM apply_attempt_v1(v_call, v_at, v_set);
        WHEN 'push' THEN PERFORM apply_push_v1(v_call, v_at, e -> 'push');
        WHEN 'decision' THEN PERFORM record_decision_v1(e -> 'decision');
        WHEN 'exposure' THEN
            PERFORM expose_offer_v1(v_call, (e #>> '{exposure,offer}')::integer, e #>> '{exposure,channel}',
                NULL, v_at);
        WHEN 'request_event' THEN
            PERFORM note_request_v1((e ->> 'request')::uuid, v_name, v_data, v_at);
        ELSE NULL;
    END CASE;
    IF v_set ? 'ended_ms' OR v_set ->> 'state' = 'ended' THEN
        PERFORM apply_usage_v1(v_call);
    END IF;
END $$;

-- A batch, in order; each entry has its stream id in `id`. One that cannot be applied is kept in
-- journal_error and does not hold up the rest. Answers how many of these there were.
CREATE FUNCTION apply_journal_v1(p_entries jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_entry jsonb;
    v_failed integer := 0;
    v_error text;
BEGIN
    FOR v_entry IN SELECT * FROM jsonb_array_elements(p_entries) LOOP
        BEGIN
            IF v_entry ->> 'id' IS NULL THEN
                RAISE EXCEPTION 'a journal entry has no id' USING ERRCODE = 'CB009';
            END IF;
            PERFORM apply_entry_v1(v_entry);
        EXCEPTION
            -- Not the entry's fault: the whole batch comes again.
            WHEN serialization_failure OR deadlock_detected OR lock_not_available
                OR insufficient_resources OR operator_intervention THEN RAISE;
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS v_error = MESSAGE_TEXT;
                v_failed := v_failed + 1;
                INSERT INTO journal_error (journal_id, entry, error)
                VALUES (coalesce(v_entry ->> 'id', md5(v_entry::text)), v_entry, SQLSTATE || ' ' || v_error)
                ON CONFLICT (journal_id) DO UPDATE SET error = excluded.error, at = now();
        END;
    END LOOP;
    RETURN v_failed;
END $$;
