-- A call as the desk shows it, and as the contract tells it.
--
-- What is asked for each call is in plpgsql, here and elsewhere, which keeps its plans: a function in
-- SQL that is not a mere expression is planned anew each time, and that took four times as long as the
-- card itself.

CREATE FUNCTION call_offers_v1(p_call uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', co.kind, 'code', co.code, 'title', o.title,
            'url', co.url, 'rank', co.rank, 'opened', iso_time_v1(co.opened_at)) ORDER BY co.kind), '[]')
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

-- The codes that an agent of a subscriber may choose, as {sales: [...], service: [...]}.
CREATE FUNCTION disposition_codes_v1(p_subscriber integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'sales', coalesce(jsonb_agg(d.one) FILTER (WHERE d.kind = 'sales'), '[]'),
            'service', coalesce(jsonb_agg(d.one) FILTER (WHERE d.kind = 'service'), '[]'))
        FROM (SELECT kind, jsonb_build_object('code', code, 'label', label) AS one
              FROM disposition_code WHERE subscriber_id = p_subscriber AND kind <> 'system'
              ORDER BY sort, code) AS d);
END $$;

-- The card of docs/architecture.md but for waited_s and state, which the app keeps; also `priority` and
-- `skills` (asked of the agent) for the app, and `detail` and `code` of the outage. Null: no such call.
-- Many small look-ups by key instead of one query: PostgreSQL starts them faster.
--
-- Of a web call nothing is told of the customer before the agent has signed on, but to the app, which
-- asks for the whole card.
CREATE FUNCTION call_card_v1(p_call uuid, p_group text DEFAULT NULL, p_whole boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    c call;
    v_subscriber jsonb;
    v_queue jsonb;
    v_customer jsonb;
    v_language text;
    v_outage jsonb;
BEGIN
    SELECT * INTO c FROM call WHERE id = p_call;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- The journal may not have told yet which group a menu led to.
    SELECT coalesce(max(g.id), c.group_id) INTO c.group_id FROM agent_group g WHERE g.code = p_group;
    SELECT jsonb_build_object('code', s.code, 'name', s.name) INTO v_subscriber
    FROM subscriber s WHERE s.id = c.subscriber_id;
    SELECT jsonb_build_object('code', g.code, 'name', g.name) INTO v_queue
    FROM agent_group g WHERE g.id = c.group_id;
    IF c.request_id IS NOT NULL AND c.signed_on IS NULL AND NOT p_whole THEN
        RETURN sealed_card_v1(c, v_subscriber, v_queue);
    END IF;
    IF c.customer_id IS NOT NULL THEN
        SELECT k.language, jsonb_build_object('id', k.id, 'code', k.code,
            'name', k.first_name || ' ' || k.last_name, 'account', a.number, 'product', a.product,
            'email', k.email, 'segment', k.segment, 'since', k.customer_since, 'language', k.language)
        INTO v_language, v_customer
        FROM customer k LEFT JOIN account a ON a.id = c.account_id WHERE k.id = c.customer_id;
    END IF;
    IF c.account_id IS NOT NULL THEN
        SELECT jsonb_build_object('id', f.id, 'code', f.code, 'title', f.title, 'script', f.script,
            'detail', f.detail, 'expected_end', iso_time_v1(f.expected_end)) INTO v_outage
        FROM current_failure_v1(c.account_id) f;
    END IF;
    RETURN jsonb_build_object(
        'id', c.id, 'ani', c.ani, 'dnis', c.dnis,
        'subscriber', v_subscriber, 'customer', v_customer,
        'identified_by', to_jsonb(c.identified_by), 'verified', c.verified,
        'queue', v_queue,
        'cti', c.cti || jsonb_strip_nulls(jsonb_build_object('QUEUE', v_queue ->> 'code')),
        'offers', call_offers_v1(p_call),
        'outage', v_outage,
        'codes', disposition_codes_v1(c.subscriber_id),
        'required', to_jsonb(required_kinds_v1(c)),
        -- Of the offers that are attached now: each entry of the ranking has its own.
        'dispositions', coalesce((
            SELECT jsonb_object_agg(d.kind, d.code)
            FROM disposition d LEFT JOIN call_offer co ON co.call_id = d.call_id AND co.kind = d.kind
            WHERE d.call_id = p_call AND d.replaced_at IS NULL
              AND coalesce(d.offer_id = co.offer_id, true)), '{}'),
        'ranking', call_ranking_v1(c),
        'decision', call_decision_v1(c),
        'note', coalesce((SELECT n.body FROM call_note n WHERE n.call_id = p_call), ''),
        'web', web_card_v1(c),
        'sign_on', NULL,
        'priority', c.priority,
        'skills', CASE WHEN v_language <> 'en' THEN jsonb_build_array(v_language) ELSE '[]' END);
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
                             'label', dc.label, 'offer', o.code, 'agent', u.username, 'note', d.note,
                             'recorded', iso_time_v1(d.recorded_at)) ORDER BY d.kind, d.id), '[]')
                         FROM disposition d
                         JOIN disposition_code dc ON dc.subscriber_id = d.subscriber_id
                             AND dc.kind = d.code_kind AND dc.code = d.code
                         LEFT JOIN user_account u ON u.id = d.agent_id
                         LEFT JOIN offer o ON o.id = d.offer_id
                         WHERE d.call_id = c.id AND d.replaced_at IS NULL),
        'exposures', call_exposures_v1(c.id),
        'decision', call_decision_v1(c),
        'pages', (SELECT coalesce(jsonb_agg(jsonb_build_object('title', p.title, 'url', p.url,
                      'origin', p.origin, 'agent', u.username, 'pushed', iso_time_v1(p.pushed_at),
                      'shown', iso_time_v1(p.shown_at), 'viewed_seconds', p.viewed_seconds)
                      ORDER BY p.pushed_at, p.number), '[]')
                  FROM page_push p LEFT JOIN user_account u ON u.id = p.agent_id
                  WHERE p.call_id = c.id),
        'route', c.route, 'state', c.state, 'outcome', c.outcome,
        'started', iso_time_v1(c.started), 'answered', iso_time_v1(c.answered),
        'ended', iso_time_v1(c.ended))
$$;

-- The latest calls, newest first.
CREATE FUNCTION recent_calls_v1(p_limit integer) RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$
    SELECT call_json_v1(c) FROM call c ORDER BY c.started DESC, c.id LIMIT p_limit
$$;
