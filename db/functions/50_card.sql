-- A call as the desk shows it, and as the contract tells it.
--
-- What is asked for each call is in plpgsql, here and elsewhere, which keeps its plans: a function in
-- SQL that is not a mere expression is planned anew each time, and that took four times as long as the
-- card itself.

CREATE FUNCTION call_offers_v1(p_call uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', co.kind, 'code', co.code, 'title', o.title,
            'url', co.url, 'opened', iso_time_v1(co.opened_at)) ORDER BY co.kind), '[]')
        FROM call_offer co JOIN offer o ON o.id = co.offer_id WHERE co.call_id = p_call);
END $$;

-- Kinds whose code the agent must choose before wrap-up ends: the offers whose icons are lit.
CREATE FUNCTION required_kinds_v1(p_call call) RETURNS offer_kind[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(co.kind ORDER BY co.kind), '{}')
        FROM call_offer co JOIN agent_group g ON g.id = p_call.group_id AND g.disposition_required
        WHERE co.call_id = p_call.id AND co.url IS NOT NULL);
END $$;

-- The card of docs/architecture.md but for waited_s and state, which the app keeps; also `priority` and
-- `skills` (asked of the agent) for the app, and `detail` and `code` of the outage.
CREATE FUNCTION call_card_v1(p_call uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
        'id', c.id, 'ani', c.ani, 'dnis', c.dnis,
        'subscriber', (SELECT jsonb_build_object('code', s.code, 'name', s.name)
                       FROM subscriber s WHERE s.id = c.subscriber_id),
        'customer', (SELECT jsonb_build_object('id', k.id, 'code', k.code,
                         'name', k.first_name || ' ' || k.last_name, 'account', a.number,
                         'product', a.product, 'email', k.email, 'segment', k.segment,
                         'since', k.customer_since, 'language', k.language)
                     FROM customer k LEFT JOIN account a ON a.id = c.account_id
                     WHERE k.id = c.customer_id),
        'identified_by', to_jsonb(c.identified_by), 'verified', c.verified,
        'queue', (SELECT jsonb_build_object('code', g.code, 'name', g.name)
                  FROM agent_group g WHERE g.id = c.group_id),
        'cti', c.cti,
        'offers', call_offers_v1(c.id),
        'outage', (SELECT jsonb_build_object('id', f.id, 'code', f.code, 'title', f.title,
                       'script', f.script, 'detail', f.detail, 'expected_end', iso_time_v1(f.expected_end))
                   FROM current_failure_v1(c.account_id) f),
        'codes', (SELECT jsonb_build_object('sales', coalesce(jsonb_agg(one ORDER BY d.sort, d.code)
                             FILTER (WHERE d.kind = 'sales'), '[]'),
                         'service', coalesce(jsonb_agg(one ORDER BY d.sort, d.code)
                             FILTER (WHERE d.kind = 'service'), '[]'))
                  FROM disposition_code d
                  CROSS JOIN LATERAL jsonb_build_object('code', d.code, 'label', d.label) AS one
                  WHERE d.subscriber_id = c.subscriber_id AND d.kind <> 'system'),
        'required', to_jsonb(required_kinds_v1(c)),
        'dispositions', coalesce((SELECT jsonb_object_agg(d.kind, d.code) FROM disposition d
                                  WHERE d.call_id = c.id AND d.replaced_at IS NULL), '{}'),
        'note', coalesce((SELECT n.body FROM call_note n WHERE n.call_id = c.id), ''),
        'priority', c.priority,
        'skills', (SELECT coalesce(jsonb_agg(k.language), '[]') FROM customer k
                   WHERE k.id = c.customer_id AND k.language <> 'en'))
    FROM call c WHERE c.id = p_call);
END $$;

-- One call as the JSON of the contract (DESIGN, "a call as JSON").
CREATE FUNCTION call_json_v1(c call) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', c.id,
        'subscriber', (SELECT s.code FROM subscriber s WHERE s.id = c.subscriber_id),
        'direction', c.direction, 'ani', c.ani, 'dnis', c.dnis,
        'customer', (SELECT k.code FROM customer k WHERE k.id = c.customer_id),
        'identified_by', to_jsonb(c.identified_by), 'verified', c.verified, 'cti', c.cti,
        'offers', call_offers_v1(c.id),
        'legs', (SELECT coalesce(jsonb_agg(jsonb_build_object('channel', l.channel, 'role', l.role,
                     'party', l.party, 'started', iso_time_v1(l.started),
                     'answered', iso_time_v1(l.answered), 'ended', iso_time_v1(l.ended),
                     'cause', l.cause) ORDER BY l.started, l.channel), '[]')
                 FROM call_leg l WHERE l.call_id = c.id),
        'dispositions', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', d.kind, 'code', d.code,
                             'label', dc.label, 'agent', u.username, 'note', d.note,
                             'recorded', iso_time_v1(d.recorded_at)) ORDER BY d.kind), '[]')
                         FROM disposition d
                         JOIN disposition_code dc ON dc.subscriber_id = d.subscriber_id
                             AND dc.kind = d.code_kind AND dc.code = d.code
                         LEFT JOIN user_account u ON u.id = d.agent_id
                         WHERE d.call_id = c.id AND d.replaced_at IS NULL),
        'pages', '[]'::jsonb,
        'route', c.route, 'state', c.state, 'outcome', c.outcome,
        'started', iso_time_v1(c.started), 'answered', iso_time_v1(c.answered),
        'ended', iso_time_v1(c.ended))
$$;

-- The latest calls, newest first.
CREATE FUNCTION recent_calls_v1(p_limit integer) RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$
    SELECT call_json_v1(c) FROM call c ORDER BY c.started DESC, c.id LIMIT p_limit
$$;
