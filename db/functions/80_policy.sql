-- Who may be dialled: everything the dialling policy must know, in one round trip.

-- Legs of calls that we made for a subscriber and that have not ended; an attempt that was handed to
-- the app and has no leg yet counts for the two it needs.
CREATE FUNCTION dialled_legs_v1(p_subscriber integer, p_request uuid DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT count(*) FROM call c JOIN call_leg l ON l.call_id = c.id
        WHERE c.subscriber_id = p_subscriber AND c.state <> 'ended' AND c.direction = 'outbound'
            AND l.ended IS NULL AND c.request_id IS DISTINCT FROM p_request
    ) + 2 * (
        SELECT count(*) FROM callback_attempt a JOIN call_request r ON r.id = a.request_id
        WHERE a.state IN ('handed', 'dialled') AND r.subscriber_id = p_subscriber
            AND r.id IS DISTINCT FROM p_request
            AND NOT EXISTS (SELECT FROM call_leg l WHERE l.call_id = a.id));
END $$;

-- The facts as JSON; null for a subscriber that does not exist. Counts leave out `p_request`, the
-- request that is judged. An attempt counts from when the app was told of it: of those that were claimed
-- together none stands in the way of the others before that, and what this policy stopped was no call.
-- `p_number` is E.164, or null when what was given is no number; `p_at` is when it would be dialled.
CREATE FUNCTION policy_facts_v1(p_subscriber text, p_number text, p_visitor uuid DEFAULT NULL,
    p_request uuid DEFAULT NULL, p_at timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_own subscriber;
    v_at timestamptz := coalesce(p_at, now());
BEGIN
    SELECT * INTO v_own FROM subscriber WHERE code = p_subscriber;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object(
        'subscriber', jsonb_build_object('id', v_own.id, 'code', v_own.code, 'name', v_own.name,
            'timezone', v_own.timezone, 'country', v_own.country),
        'policy', (SELECT to_jsonb(p) FROM dialling_policy p WHERE p.subscriber_id = v_own.id),
        'schedule', (SELECT schedule_json_v1(w.schedule_id, v_at::date)
            FROM web_presence w WHERE w.subscriber_id = v_own.id),
        'own_line', (SELECT d.name FROM did d WHERE d.number = p_number),
        'do_not_call', (SELECT d.reason FROM do_not_call d
            WHERE d.number = p_number AND (d.subscriber_id = v_own.id OR d.subscriber_id IS NULL)
            ORDER BY d.subscriber_id NULLS FIRST LIMIT 1),
        'calls_to_number_day', (
            SELECT count(*) FROM call_request r JOIN callback_attempt a ON a.request_id = r.id
            WHERE r.number = p_number AND r.subscriber_id = v_own.id
                AND a.claimed_at > now() - interval '1 day'
                AND (a.dialled_at IS NOT NULL
                    OR a.state = 'handed' AND r.id IS DISTINCT FROM p_request)),
        'requests_of_visitor_hour', (
            SELECT count(*) FROM call_request r
            WHERE r.visitor_id = p_visitor AND r.created_at > now() - interval '1 hour'
                AND r.id IS DISTINCT FROM p_request),
        'calls_of_subscriber_minute', (
            SELECT count(*) FROM callback_attempt a JOIN call_request r ON r.id = a.request_id
            WHERE r.subscriber_id = v_own.id AND a.handed_at > now() - interval '1 minute'
                AND a.claimed_at > now() - interval '1 hour' AND r.id IS DISTINCT FROM p_request),
        'calls_of_all_minute', (
            SELECT count(*) FROM callback_attempt a
            WHERE a.handed_at > now() - interval '1 minute'
                AND a.claimed_at > now() - interval '1 hour'
                AND a.request_id IS DISTINCT FROM p_request),
        'legs', dialled_legs_v1(v_own.id, p_request),
        'spent_cents', (
            SELECT coalesce(sum(u.amount_cents), 0) FROM usage_line u
            WHERE u.subscriber_id = v_own.id AND u.answered >=
                date_trunc('day', now() AT TIME ZONE v_own.timezone) AT TIME ZONE v_own.timezone),
        'proved', EXISTS (
            SELECT FROM call_request r
            WHERE r.number = p_number AND r.subscriber_id = v_own.id
                AND r.proved_at > now() - interval '30 days'));
END $$;
