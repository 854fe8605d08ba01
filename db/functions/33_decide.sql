-- Deciding for one contact: what the decider reads, and what is kept of a decision.
--
-- customer_facts_v1 asks the customers database, strategy_facts_v1 the offers database; where both are
-- one, decision_facts_v1 asks for both at once. Their JSON is read by cordboard/decision_facts.py.

-- Attributes of a customer as they are now, what became of offers, and the service failure that touches
-- the customer. Null: there is no such customer. `p_apart`: offers are in another database; then `copied`
-- has those that are known here, and so can be recorded as presented.
CREATE FUNCTION customer_facts_v1(p_customer bigint, p_apart boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_attributes jsonb;
BEGIN
    SELECT to_jsonb(f) - ARRAY['customer_id', 'subscriber_id', 'computed_at'] INTO v_attributes
    FROM customer_features_v1(p_customer) f;
    IF v_attributes IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object('id', p_customer, 'attributes', v_attributes,
        'past', past_offers_v1(p_customer), 'failure', failure_of_customer_v1(p_customer))
        || CASE WHEN p_apart THEN jsonb_build_object('copied', copied_offers_v1(p_customer)) ELSE '{}' END;
END $$;

-- Ids of the offers of a customer's subscriber that are in this database.
CREATE FUNCTION copied_offers_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(o.id), '[]')
        FROM customer c JOIN offer o ON o.subscriber_id = c.subscriber_id WHERE c.id = p_customer);
END $$;

-- Offer id -> status, times it was presented, and when last.
CREATE FUNCTION past_offers_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(offer_id, jsonb_build_object(
            'status', coalesce(co.status, 'open'), 'times', coalesce(shown.times, 0),
            'last_ms', coalesce(ms_of_v1(shown.last), 0))), '{}')
        FROM (SELECT offer_id, status FROM customer_offer WHERE customer_id = p_customer) co
        FULL JOIN (SELECT offer_id, count(*) AS times, max(at) AS last FROM exposure
                   WHERE customer_id = p_customer GROUP BY offer_id) shown USING (offer_id));
END $$;

-- Code of the latest failure that touches any account of a customer now; null without one.
CREATE FUNCTION failure_of_customer_v1(p_customer bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT f.code FROM account a
        JOIN service_failure_account fa ON fa.account_id = a.id
        JOIN service_failure f ON f.id = fa.failure_id
        WHERE a.customer_id = p_customer AND f.started <= now() AND (f.ended IS NULL OR f.ended > now())
        ORDER BY f.started DESC, f.id LIMIT 1);
END $$;

-- The subscriber's policy, catalogue and exclusions as they are now, and the customer's stored strategy.
-- Null: there is no such subscriber.
--
-- `p_known` has the versions of each subscriber's catalogue that whoever asks has read before: what is known
-- is not sent again, which is most of the work. `withdrawn` are offers that the strategy names although they
-- are not active any more.
CREATE FUNCTION strategy_facts_v1(p_customer bigint, p_subscriber text, p_known jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_subscriber subscriber;
    v_policy decision_policy;
    v_strategy offer_strategy;
    v_build strategy_build;
    v_model integer;
    v_version text;
    v_facts jsonb;
BEGIN
    SELECT * INTO v_subscriber FROM subscriber WHERE code = p_subscriber;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO v_policy FROM decision_policy WHERE subscriber_id = v_subscriber.id;
    SELECT * INTO v_strategy FROM offer_strategy WHERE customer_id = p_customer;
    SELECT * INTO v_build FROM strategy_build WHERE id = v_strategy.build_id;
    v_model := CASE WHEN v_policy.exploration = 'thompson' THEN v_build.model_id END;
    v_version := catalogue_version_v1(v_subscriber, v_model);
    v_facts := jsonb_build_object(
        'policy', policy_of_v1(v_policy),
        'version', v_version,
        'strategy', CASE WHEN v_strategy.customer_id IS NOT NULL THEN jsonb_build_object(
            'build', v_strategy.build_id, 'offers', v_strategy.offers, 'p', v_strategy.p,
            'kept_out', kept_out_v1(v_strategy.kept_out, v_build)) END);
    IF EXISTS (SELECT FROM offer WHERE id = ANY (v_strategy.offers) AND NOT active) THEN
        v_facts := v_facts || jsonb_build_object('withdrawn',
            offers_for_decision_v1(v_subscriber, v_strategy.offers, v_model));
    END IF;
    IF NOT coalesce(p_known -> p_subscriber ? v_version, false) THEN
        v_facts := v_facts || jsonb_build_object(
            'offers', offers_for_decision_v1(v_subscriber, NULL, v_model),
            'exclusions', exclusions_of_v1(v_subscriber.id));
    END IF;
    RETURN v_facts;
END $$;

-- Changes whenever anything does that offers_for_decision_v1 and exclusions_of_v1 tell: each row counts with
-- the transaction that wrote it.
CREATE FUNCTION catalogue_version_v1(p_subscriber subscriber, p_model integer) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN concat_ws('/',
        (now() AT TIME ZONE p_subscriber.timezone)::date, p_model,
        (SELECT count(*) || ':' || sum(hashint8extended(o.id, o.xmin::text::bigint))
         FROM offer o WHERE o.subscriber_id = p_subscriber.id),
        (SELECT count(*) || ':' || sum(hashint8extended(r.id, r.xmin::text::bigint))
         FROM offer o JOIN offer_rule r ON r.offer_id = o.id WHERE o.subscriber_id = p_subscriber.id),
        (SELECT count(*) || ':' || sum(hashint8extended(x.offer_id::bigint << 32 | x.excluded_id,
            x.xmin::text::bigint))
         FROM offer o JOIN offer_exclusion x ON x.offer_id = o.id WHERE o.subscriber_id = p_subscriber.id),
        (SELECT sum(hashint8extended(g.id, g.xmin::text::bigint))
         FROM agent_group g WHERE g.subscriber_id = p_subscriber.id));
END $$;

-- As cordboard/decision_facts.py names it. A subscriber without a policy explores nothing.
CREATE FUNCTION policy_of_v1(p decision_policy) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN p.subscriber_id IS NULL THEN '{}' ELSE jsonb_build_object(
        'exploration', p.exploration, 'explore_share', p.explore_share,
        'max_wait_s', p.max_wait_seconds, 'ivr_presentation', p.ivr_presentation,
        'move_callers', p.move_callers) END;
END $$;

-- Offers that are active; or, of those named, the ones that are not. `weight` is how many presentations their
-- probability stands on; those that a model has seen are looked up only when asked for.
CREATE FUNCTION offers_for_decision_v1(p_subscriber subscriber, p_named integer[], p_model integer)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_today date := (now() AT TIME ZONE p_subscriber.timezone)::date;
    v_seen jsonb := model_seen_v1(p_model);
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'id', o.id, 'code', o.code, 'kind', o.kind, 'title', o.title, 'url', o.url,
            'channels', o.channels, 'group', g.code, 'skill', o.skill, 'value_cents', o.value_cents,
            'cooldown_days', o.cooldown_days, 'max_exposures', o.max_exposures,
            'weight', o.prior_weight + coalesce((v_seen ->> o.id::text)::real, 0),
            'ivr_text', o.ivr_text, 'active', o.active,
            'valid', v_today BETWEEN coalesce(o.valid_from, '-infinity') AND coalesce(o.valid_to, 'infinity'),
            'rules', r.rules) ORDER BY o.id), '[]')
        FROM offer o
        LEFT JOIN agent_group g ON g.id = o.group_id
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('name', name, 'condition', condition::text) ORDER BY id) AS rules
            FROM offer_rule WHERE offer_id = o.id AND active
        ) AS r
        WHERE o.subscriber_id = p_subscriber.id AND o.active = (p_named IS NULL)
          AND (p_named IS NULL OR o.id = ANY (p_named)));
END $$;

-- Offer id -> presentations that a model was trained on; see cordboard/propensity.py.
CREATE FUNCTION model_seen_v1(p_model integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_model IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT jsonb_object_agg(one ->> 'id', one -> 'presented')
        FROM propensity_model m CROSS JOIN LATERAL jsonb_path_query(m.parameters, '$.offers[*]') AS one
        WHERE m.id = p_model);
END $$;

-- Offer id -> reason, of those that a build has kept out for one customer.
CREATE FUNCTION kept_out_v1(p_kept_out bytea, p_build strategy_build) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(c.id, p_build.reasons[get_byte(p_kept_out, c.place::integer - 1)])
            FILTER (WHERE get_byte(p_kept_out, c.place::integer - 1) > 0), '{}')
        FROM unnest(p_build.catalogue) WITH ORDINALITY AS c (id, place)
        WHERE c.place <= octet_length(p_kept_out));
END $$;

CREATE FUNCTION exclusions_of_v1(p_subscriber integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_array(x.offer_id, x.excluded_id)), '[]')
        FROM offer o JOIN offer_exclusion x ON x.offer_id = o.id WHERE o.subscriber_id = p_subscriber);
END $$;

-- Both at once, for a customer.
CREATE FUNCTION decision_facts_v1(p_customer bigint, p_subscriber text, p_known jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('customer', customer_facts_v1(p_customer),
        'subscriber', p_subscriber, 'strategy', strategy_facts_v1(p_customer, p_subscriber, p_known));
END $$;

-- Both at once, for whoever is on a call; null when that is not known.
CREATE FUNCTION call_facts_v1(p_call uuid, p_known jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT decision_facts_v1(c.customer_id, s.code, p_known)
        FROM call c JOIN subscriber s ON s.id = c.subscriber_id
        WHERE c.id = p_call AND c.customer_id IS NOT NULL);
END $$;

-- Keeps a decision, once by its id, and attaches what was chosen to its call. The JSON is that of
-- cordboard/decision.py. Of a customer who was deleted meanwhile the record stays without the customer.
CREATE FUNCTION record_decision_v1(p_decision jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_call uuid := nullif(p_decision ->> 'call', '')::uuid;
    v_customer bigint := (SELECT id FROM customer WHERE id = (p_decision ->> 'customer')::bigint);
    v_subscriber integer := (SELECT id FROM subscriber WHERE code = p_decision ->> 'subscriber');
BEGIN
    IF v_subscriber IS NULL THEN
        RAISE EXCEPTION 'there is no subscriber %', left(p_decision ->> 'subscriber', 40)
            USING ERRCODE = 'CB009';
    END IF;
    INSERT INTO decision (id, call_id, subscriber_id, customer_id, channel, at, ranking, context, resources,
        route, explored)
    VALUES ((p_decision ->> 'id')::uuid, v_call, v_subscriber, v_customer,
        (p_decision ->> 'channel')::contact_channel,
        coalesce(time_of_ms_v1(p_decision ->> 'at_ms'), now()), p_decision -> 'ranking',
        coalesce(p_decision -> 'context', '{}')
            || jsonb_build_object('chosen', coalesce(p_decision -> 'chosen', '{}')),
        coalesce(p_decision -> 'resources', '{}'), coalesce(p_decision -> 'route', '{}'),
        coalesce((p_decision ->> 'explored')::boolean, false))
    ON CONFLICT (id) DO NOTHING;
    IF FOUND AND v_call IS NOT NULL AND v_customer IS NOT NULL THEN
        PERFORM attach_decision_v1(v_call, v_customer, p_decision);
    END IF;
END $$;

-- The call gets the chosen offer of each kind, or none, unless the agent has opened one already. When
-- another customer is attached to it meanwhile, the decision was about somebody else.
CREATE FUNCTION attach_decision_v1(p_call uuid, p_customer bigint, p_decision jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_call call;
    v_offer offer;
    v_chosen record;
BEGIN
    SELECT * INTO v_call FROM call WHERE id = p_call FOR UPDATE;
    IF NOT FOUND OR v_call.customer_id IS DISTINCT FROM p_customer THEN
        RETURN;
    END IF;
    UPDATE call SET decision_id = (p_decision ->> 'id')::uuid WHERE id = p_call RETURNING * INTO v_call;
    PERFORM fill_exposures_v1(v_call);
    FOR v_chosen IN
        SELECT c.key AS kind, c.value::integer AS offer_id, (e.entry ->> 'rank')::integer AS rank
        FROM jsonb_each_text(coalesce(p_decision -> 'chosen', '{}')) c
        LEFT JOIN jsonb_array_elements(p_decision -> 'ranking') AS e (entry)
            ON e.entry ->> 'offer' = c.value
        WHERE NOT EXISTS (SELECT FROM call_offer o WHERE o.call_id = p_call
                          AND o.kind::text = c.key AND o.opened_at IS NOT NULL)
    LOOP
        SELECT * INTO v_call FROM call WHERE id = p_call;
        SELECT * INTO v_offer FROM offer WHERE id = v_chosen.offer_id AND subscriber_id = v_call.subscriber_id;
        IF FOUND THEN
            PERFORM attach_offer_v1(v_call, v_offer, v_chosen.rank);
        ELSE
            -- Nothing was chosen, or what is not copied here: what was attached before was not chosen either.
            PERFORM detach_offer_v1(v_call, v_chosen.kind::offer_kind);
        END IF;
    END LOOP;
END $$;

-- Takes the offer of a kind off a call.
CREATE FUNCTION detach_offer_v1(p_call call, p_kind offer_kind) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_prefix text := upper(p_kind::text);
BEGIN
    DELETE FROM call_offer WHERE call_id = p_call.id AND kind = p_kind;
    UPDATE call SET cti = cti - ARRAY[v_prefix || '_OFFER_CODE', v_prefix || '_OFFER_URL']
    WHERE id = p_call.id AND cti ?| ARRAY[v_prefix || '_OFFER_CODE', v_prefix || '_OFFER_URL'];
END $$;
