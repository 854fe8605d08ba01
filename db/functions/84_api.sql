-- Call requests as the public API and webhooks show them: what a merchant may know, and nothing of
-- how they are worked through (docs/api.md).

CREATE FUNCTION public_request_v1(r call_request) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', r.id,
        'source', r.source,
        'subject', (SELECT subject_code FROM routing_rule WHERE id = r.rule_id),
        'number', r.number,
        'customer_code', r.customer_code,
        'note', r.note,
        'page_title', r.page_title,
        'page_url', r.page_url,
        'pages', r.pages,
        'whisper_code', r.whisper_code,
        'wanted_agent', (SELECT username FROM user_account WHERE id = r.wanted_agent_id),
        'wanted_skill', r.wanted_skill,
        'time_zone', r.time_zone,
        'wanted_at', iso_time_v1(r.wanted_at),
        'state', r.state,
        'outcome', r.outcome,
        'attempts', r.attempts,
        'next_attempt_at', CASE WHEN r.state = 'waiting' THEN iso_time_v1(r.due_at) END,
        'created_at', iso_time_v1(r.created_at),
        'ended_at', iso_time_v1(r.ended_at));
END $$;

-- One request of a subscriber with its timeline; no row for another's.
CREATE FUNCTION find_request_v1(p_subscriber integer, p_request uuid) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT public_request_v1(r) || jsonb_build_object('timeline', coalesce((
            SELECT jsonb_agg(jsonb_build_object('at', iso_time_v1(e.at), 'event', e.name)
                ORDER BY e.id) FROM request_event e WHERE e.request_id = r.id), '[]'))
        FROM call_request r WHERE r.id = p_request AND r.subscriber_id = p_subscriber;
END $$;

-- Newest first, those made before p_before, a request of the same subscriber; a null filter is none.
CREATE FUNCTION list_requests_v1(
    p_subscriber integer, p_state text, p_since timestamptz, p_before uuid, p_limit integer
) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT public_request_v1(r) FROM call_request r
        WHERE r.subscriber_id = p_subscriber
            AND (p_state IS NULL OR r.state::text = p_state)
            AND (p_since IS NULL OR r.created_at >= p_since)
            AND (p_before IS NULL OR (r.created_at, r.id) < (
                SELECT b.created_at, b.id FROM call_request b
                WHERE b.id = p_before AND b.subscriber_id = p_subscriber))
        ORDER BY r.created_at DESC, r.id DESC LIMIT p_limit;
END $$;
