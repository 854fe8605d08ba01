-- What was really presented. `exposure` is written here and nowhere else, once for a call and an offer.

-- What the decision of a call says of an offer: its entry in the ranking; null without one. A decision
-- for another customer than the call has now says nothing.
CREATE FUNCTION ranking_entry_v1(p_call call, p_offer integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT e FROM decision d CROSS JOIN LATERAL jsonb_array_elements(d.ranking) e
        WHERE d.id = p_call.decision_id AND d.customer_id = p_call.customer_id
          AND (e ->> 'offer')::integer = p_offer
        LIMIT 1);
END $$;

-- With which the policy chose an entry of a ranking. An agent's own choice tells what the offer is worth, but
-- nothing of the policy: null.
CREATE FUNCTION chance_of_v1(p_entry jsonb) RETURNS real LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN (p_entry ->> 'chosen')::boolean THEN nullif((p_entry ->> 'chance')::real, 0) END;
END $$;

-- The customer's status of an offer, moved on; a row is made when there is none.
CREATE FUNCTION move_offer_v1(p_customer bigint, p_offer integer, p_status offer_status, p_from offer_status[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO customer_offer AS co (customer_id, offer_id, status) VALUES (p_customer, p_offer, p_status)
    ON CONFLICT (customer_id, offer_id) DO UPDATE SET status = excluded.status, updated_at = now()
    WHERE co.status <> excluded.status AND co.status = ANY (p_from);
END $$;

-- An offer was presented in a call by `agent`, `ivr`, `web` or `chat`: kept with the attributes of the
-- customer as they are, and with rank, chance and p of the call's decision. False: it was before, or
-- nobody knows who the customer is. Errors: CB001 no such call, CB008 not an offer of its subscriber.
CREATE FUNCTION expose_offer_v1(
    p_call uuid, p_offer integer, p_channel text, p_agent integer DEFAULT NULL,
    p_at timestamptz DEFAULT now()
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_offer offer;
    v_entry jsonb;
BEGIN
    SELECT * INTO v_offer FROM offer WHERE id = p_offer AND subscriber_id = v_call.subscriber_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'offer % is not one of the company that was called', p_offer USING ERRCODE = 'CB008';
    END IF;
    IF v_call.customer_id IS NULL THEN
        RETURN false;
    END IF;
    v_entry := ranking_entry_v1(v_call, p_offer);
    INSERT INTO exposure (customer_id, offer_id, call_id, decision_id, channel, agent_id, rank, chance, p,
        features, at)
    VALUES (v_call.customer_id, p_offer, p_call, v_call.decision_id, p_channel, p_agent,
        (v_entry ->> 'rank')::smallint,
        chance_of_v1(v_entry), (v_entry ->> 'p')::real,
        attributes_before_v1(v_call.customer_id, 'calls_30d'), p_at)
    ON CONFLICT (call_id, offer_id) WHERE call_id IS NOT NULL DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM move_offer_v1(v_call.customer_id, p_offer, 'presented', ARRAY['open', 'later']::offer_status[]);
    RETURN true;
END $$;

-- What a call's decision says of offers that were presented before its record came: a decision that could
-- not be applied is applied again later (docs/data.md). It was made before the first agent was asked.
CREATE FUNCTION fill_exposures_v1(p_call call) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE exposure x SET decision_id = d.id, rank = (e ->> 'rank')::smallint, chance = chance_of_v1(e),
        p = (e ->> 'p')::real
    FROM decision d CROSS JOIN LATERAL jsonb_array_elements(d.ranking) e
    WHERE x.call_id = p_call.id AND x.decision_id IS NULL
      AND d.id = p_call.decision_id AND d.customer_id = x.customer_id
      AND (e ->> 'offer')::integer = x.offer_id;
END $$;

-- What the model learns from: a customer's attributes as they were before this contact, which counts as one
-- in `p_counted`. Lists are formed before anybody calls; taught that whoever is asked has called at least
-- once, the model would be asked of people it has never met.
CREATE FUNCTION attributes_before_v1(p_customer bigint, p_counted text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT f.known || jsonb_build_object(p_counted, greatest(0, (f.known ->> p_counted)::integer - 1))
        FROM (SELECT to_jsonb(c) - ARRAY['customer_id', 'subscriber_id', 'computed_at']
              FROM customer_features_v1(p_customer) c) AS f (known));
END $$;

-- What came of a presentation: the customer's answer by a disposition code, in place of an earlier one.
-- Who answered was asked, so an answer without an opened page is an exposure too. A code that says that
-- the offer did not come up takes back what an opened page said; opened after that, it is presented anew.
CREATE FUNCTION answer_exposure_v1(p_call call, p_offer integer, p_agent integer, p_code disposition_code)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_answer offer_status := CASE
        WHEN p_code.resulting_status IN ('accepted', 'declined', 'later') THEN p_code.resulting_status END;
BEGIN
    IF p_code.not_presented THEN
        DELETE FROM exposure WHERE call_id = p_call.id AND offer_id = p_offer AND channel = 'agent';
        UPDATE call_offer SET opened_at = NULL WHERE call_id = p_call.id AND offer_id = p_offer;
        RETURN;
    END IF;
    IF v_answer IS NOT NULL THEN
        PERFORM expose_offer_v1(p_call.id, p_offer,
            CASE WHEN p_code.kind = 'system' THEN 'ivr' ELSE 'agent' END, p_agent);
    END IF;
    UPDATE exposure SET outcome = v_answer, outcome_at = CASE WHEN v_answer IS NOT NULL THEN now() END
    WHERE call_id = p_call.id AND offer_id = p_offer AND outcome IS DISTINCT FROM v_answer;
END $$;

-- How often each offer was presented to a customer, when last, and what was answered last.
CREATE FUNCTION exposures_of_v1(p_customer bigint)
RETURNS TABLE (offer_id integer, times integer, last_at timestamptz, last_channel text, last_outcome offer_status)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT ON (x.offer_id) x.offer_id, (count(*) OVER (PARTITION BY x.offer_id))::integer,
        x.at, x.channel, x.outcome
    FROM exposure x WHERE x.customer_id = p_customer
    ORDER BY x.offer_id, x.at DESC, x.id DESC;
END $$;
