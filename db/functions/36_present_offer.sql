-- The ranked offers of a call, and which of them are attached to it. Errors as in 60_dispositions.sql.

-- Attaches an offer to a call in place of the one of its kind: row, call data, its URL filled. What was
-- presented in this call before is known as such again. The call must be locked.
CREATE FUNCTION attach_offer_v1(p_call call, p_offer offer, p_rank integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_prefix text := upper(p_offer.kind::text);
    v_url text := fill_offer_url_v1(p_offer.url, p_call.id,
        (SELECT number FROM account WHERE id = p_call.account_id),
        (SELECT code FROM customer WHERE id = p_call.customer_id));
    v_opened timestamptz := (SELECT at FROM exposure WHERE call_id = p_call.id AND offer_id = p_offer.id
        AND channel = 'agent');
BEGIN
    INSERT INTO call_offer (call_id, kind, offer_id, code, url, rank, opened_at)
    VALUES (p_call.id, p_offer.kind, p_offer.id, p_offer.code, v_url, p_rank, v_opened)
    ON CONFLICT (call_id, kind) DO UPDATE SET offer_id = excluded.offer_id, code = excluded.code,
        url = excluded.url, rank = excluded.rank,
        opened_at = CASE WHEN call_offer.offer_id = excluded.offer_id
            THEN coalesce(call_offer.opened_at, excluded.opened_at) ELSE excluded.opened_at END;
    UPDATE call SET cti = (cti - (v_prefix || '_OFFER_URL')) || jsonb_strip_nulls(jsonb_build_object(
        v_prefix || '_OFFER_CODE', p_offer.code, v_prefix || '_OFFER_URL', v_url))
    WHERE id = p_call.id;
END $$;

-- The agent presents another offer of the ranking instead of the attached one of its kind. Codes of the
-- first stay in force for the first. True: it was attached now; false: it already was.
CREATE FUNCTION present_offer_v1(p_call uuid, p_agent integer, p_code text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_of_agent_v1(p_call, p_agent);
    v_offer offer;
    v_entry jsonb;
    v_before text;
BEGIN
    SELECT * INTO v_offer FROM offer WHERE subscriber_id = v_call.subscriber_id AND code = p_code;
    v_entry := ranking_entry_v1(v_call, v_offer.id);
    IF v_entry IS NULL OR v_entry ->> 'state' <> 'offered' OR NOT 'agent' = ANY (v_offer.channels) THEN
        RAISE EXCEPTION 'offer % is not among those that an agent may present to this customer', left(p_code, 40)
            USING ERRCODE = 'CB008';
    END IF;
    SELECT code INTO v_before FROM call_offer WHERE call_id = p_call AND kind = v_offer.kind;
    IF v_before = v_offer.code THEN
        RETURN false;
    END IF;
    IF v_call.state = 'ended' THEN
        RAISE EXCEPTION 'the call is closed' USING ERRCODE = 'CB004';
    END IF;
    IF NOT v_offer.active THEN
        RAISE EXCEPTION 'offer % was withdrawn a moment ago', v_offer.code USING ERRCODE = 'CB014';
    END IF;
    PERFORM attach_offer_v1(v_call, v_offer, (v_entry ->> 'rank')::integer);
    INSERT INTO call_event (call_id, name, data) VALUES (p_call, 'offer.attached',
        jsonb_build_object('kind', v_offer.kind, 'code', v_offer.code, 'instead', v_before, 'agent', p_agent));
    RETURN true;
END $$;

-- The ranking of a call's decision as the desk shows it, best first, then what was kept out: each entry
-- with `attached`, `presented` (the channel; null: not yet), `answer` and `result` (label of the code).
CREATE FUNCTION call_ranking_v1(c call) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF c.decision_id IS NULL THEN
        RETURN '[]';
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(e || jsonb_build_object('attached', co.offer_id IS NOT NULL,
            'presented', x.channel, 'answer', x.outcome, 'result', dc.label)
            ORDER BY (e ->> 'rank')::integer NULLS LAST, place), '[]')
        FROM decision d
        CROSS JOIN LATERAL jsonb_array_elements(d.ranking) WITH ORDINALITY AS ranked (e, place)
        LEFT JOIN call_offer co ON co.call_id = c.id AND co.offer_id = (e ->> 'offer')::integer
        LEFT JOIN exposure x ON x.call_id = c.id AND x.offer_id = (e ->> 'offer')::integer
        LEFT JOIN disposition p ON p.call_id = c.id AND p.offer_id = (e ->> 'offer')::integer
            AND p.replaced_at IS NULL
        LEFT JOIN disposition_code dc ON dc.subscriber_id = p.subscriber_id AND dc.kind = p.code_kind
            AND dc.code = p.code
        WHERE d.id = c.decision_id AND d.customer_id = c.customer_id);
END $$;

-- What the card tells of the decision; null when none was made for this customer.
CREATE FUNCTION call_decision_v1(c call) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('id', d.id, 'route', d.route, 'explored', d.explored)
        FROM decision d WHERE d.id = c.decision_id AND d.customer_id IS NOT DISTINCT FROM c.customer_id);
END $$;

-- What was presented in a call, for its JSON.
CREATE FUNCTION call_exposures_v1(p_call uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('kind', o.kind, 'offer', o.code, 'channel', x.channel,
            'agent', u.username, 'rank', x.rank, 'p', x.p, 'chance', x.chance, 'outcome', x.outcome,
            'at', iso_time_v1(x.at)) ORDER BY x.at, x.id), '[]')
        FROM exposure x JOIN offer o ON o.id = x.offer_id LEFT JOIN user_account u ON u.id = x.agent_id
        WHERE x.call_id = p_call);
END $$;
