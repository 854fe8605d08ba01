-- Who it is by account and SSN, and what they are offered: rows of key and value.

-- The first offer of a kind in a customer's stored strategy that an agent may make now: active, valid today
-- where the subscriber is, and not accepted, declined, shut out by an accepted one, resting after it was
-- presented, or presented as often as it may be. Nothing is sold to whose service is down. What is left to the
-- decider (cordboard/decision.py): the rules as the customer is now, and who is free.
CREATE FUNCTION best_offer_v1(p_customer bigint, p_kind offer_kind)
RETURNS TABLE (offer_id integer, code text, url text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_kind = 'sales' AND failure_of_customer_v1(p_customer) IS NOT NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT o.id, o.code::text, o.url::text
    FROM offer_strategy st
    JOIN customer c ON c.id = st.customer_id
    JOIN subscriber s ON s.id = c.subscriber_id
    CROSS JOIN unnest(st.offers) WITH ORDINALITY AS place (id, rank)
    JOIN offer o ON o.id = place.id AND o.subscriber_id = c.subscriber_id
    LEFT JOIN customer_offer co ON co.customer_id = c.id AND co.offer_id = o.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS times, max(e.at) AS last
        FROM exposure e WHERE e.customer_id = c.id AND e.offer_id = o.id
    ) AS shown
    WHERE st.customer_id = p_customer AND o.kind = p_kind AND o.active AND 'agent' = ANY (o.channels)
      AND (now() AT TIME ZONE s.timezone)::date
          BETWEEN coalesce(o.valid_from, '-infinity') AND coalesce(o.valid_to, 'infinity')
      AND coalesce(co.status, 'open') IN ('open', 'presented', 'later')
      AND (o.max_exposures = 0 OR shown.times < o.max_exposures)
      AND (shown.last IS NULL OR co.status = 'later'
           OR shown.last <= now() - make_interval(days => o.cooldown_days))
      AND NOT EXISTS (
          SELECT FROM offer_exclusion x
          JOIN customer_offer taken ON taken.customer_id = c.id AND taken.status = 'accepted'
              AND taken.offer_id = x.offer_id + x.excluded_id - o.id
          WHERE o.id IN (x.offer_id, x.excluded_id))
    ORDER BY place.rank
    LIMIT 1;
END $$;

-- The account that a customer is meant to call about when none was named: the only one there is.
CREATE FUNCTION only_account_v1(p_customer bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(id) FROM account WHERE customer_id = p_customer AND status <> 'closed'
            HAVING count(*) = 1);
END $$;

-- The stored procedure of the platform: account number and keyed hash of the SSN, either may be null.
-- A match on the account answers SERVICE_OFFER_CODE and _URL, a match on the SSN SALES_OFFER_CODE and
-- _URL, of the best open offer of the kind; an offer without URL answers its code alone. With them come
-- CUSTOMER_ID, CUSTOMER_NAME, ACCOUNT_NUMBER and IDENTIFIED_BY (account, ssn).
-- When account and SSN belong to two customers the account says who it is, and the SSN matches nothing.
CREATE FUNCTION match_offers_v1(p_subscriber text, p_account text, p_ssn_hash bytea)
RETURNS TABLE (key text, value text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_subscriber integer := (SELECT id FROM subscriber WHERE code = p_subscriber);
    v_account account;
    v_ids bigint[];
    v_by text[] := '{}';
    v_customer customer;
BEGIN
    SELECT a.* INTO v_account FROM account a
    WHERE a.subscriber_id = v_subscriber AND a.number = p_account AND a.status <> 'closed';
    IF FOUND THEN
        v_by := ARRAY['account'];
    END IF;
    SELECT array_agg(c.id) INTO v_ids FROM customer c
    WHERE c.subscriber_id = v_subscriber AND c.ssn_hash = p_ssn_hash
      AND (v_account.id IS NULL OR c.id = v_account.customer_id);
    IF cardinality(v_ids) = 1 THEN
        v_by := v_by || 'ssn'::text;
    END IF;
    IF v_by = '{}' THEN
        RETURN;
    END IF;
    SELECT c.* INTO v_customer FROM customer c WHERE c.id = coalesce(v_account.customer_id, v_ids[1]);
    IF v_account.id IS NULL THEN
        SELECT a.* INTO v_account FROM account a WHERE a.id = only_account_v1(v_customer.id);
    END IF;
    RETURN QUERY
    SELECT k, v FROM (
        VALUES ('CUSTOMER_ID', v_customer.code::text),
               ('CUSTOMER_NAME', v_customer.first_name || ' ' || v_customer.last_name),
               ('ACCOUNT_NUMBER', v_account.number),
               ('IDENTIFIED_BY', array_to_string(v_by, ','))
    ) AS found (k, v) WHERE v IS NOT NULL
    UNION ALL
    SELECT pair.k, pair.v
    FROM unnest(ARRAY['service', 'sales']::offer_kind[], ARRAY['account', 'ssn']) AS wanted (kind, by)
    CROSS JOIN LATERAL best_offer_v1(v_customer.id, wanted.kind) AS best
    CROSS JOIN LATERAL (
        VALUES (upper(wanted.kind::text) || '_OFFER_CODE', best.code),
               (upper(wanted.kind::text) || '_OFFER_URL', best.url)
    ) AS pair (k, v)
    WHERE wanted.by = ANY (v_by) AND pair.v IS NOT NULL;
END $$;
