-- What an agent does at the desk besides choosing codes. Errors as in 60_dispositions.sql.

-- One note per call; the latest text stands.
CREATE FUNCTION save_note_v1(p_call uuid, p_agent integer, p_body text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_call_of_agent_v1(p_call, p_agent);
    INSERT INTO call_note (call_id, agent_id, body) VALUES (p_call, p_agent, p_body)
    ON CONFLICT (call_id) DO UPDATE
        SET agent_id = excluded.agent_id, body = excluded.body, updated_at = now();
END $$;

-- The agent opened an offer's page: remembered once, and the offer was presented.
CREATE FUNCTION open_offer_v1(p_call uuid, p_agent integer, p_code text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_offer call_offer;
BEGIN
    PERFORM lock_call_of_agent_v1(p_call, p_agent);
    SELECT * INTO v_offer FROM call_offer WHERE call_id = p_call AND code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'offer % is not attached to this call', left(p_code, 40) USING ERRCODE = 'CB008';
    END IF;
    IF v_offer.opened_at IS NOT NULL THEN
        RETURN false;
    END IF;
    UPDATE call_offer SET opened_at = now() WHERE call_id = p_call AND kind = v_offer.kind;
    PERFORM expose_offer_v1(p_call, v_offer.offer_id, 'agent', p_agent);
    INSERT INTO call_event (call_id, name, data) VALUES (p_call, 'offer.opened',
        jsonb_build_object('kind', v_offer.kind, 'code', v_offer.code, 'agent', p_agent));
    RETURN true;
END $$;

-- Subscribers whose calls an agent answers: the only ones whose customers the agent may look up.
CREATE FUNCTION subscribers_of_agent_v1(p_agent integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT DISTINCT g.subscriber_id FROM group_member m JOIN agent_group g ON g.id = m.group_id
    WHERE m.user_id = p_agent
$$;

-- Customers of one subscriber by exact account number, exact phone number (E.164), or the beginning
-- of the last or the whole name; the first that is not null or empty is used. At most 20.
CREATE FUNCTION search_customers_v1(
    p_agent integer, p_subscriber text, p_account text, p_phone text, p_name text
) RETURNS TABLE (id bigint, code text, name text, email text, segment text, city text, accounts jsonb,
                 phones text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_subscriber integer := (SELECT s.id FROM subscriber s
        WHERE s.code = p_subscriber AND s.id IN (SELECT subscribers_of_agent_v1(p_agent)));
    v_prefix text := lower(btrim(p_name));
    -- Above every text that begins with the prefix, in byte order.
    v_above text := v_prefix || chr(1114111);
    v_ids bigint[];
BEGIN
    IF p_account <> '' THEN
        v_ids := ARRAY(SELECT a.customer_id FROM account a
                       WHERE a.subscriber_id = v_subscriber AND a.number = p_account);
    ELSIF p_phone <> '' THEN
        v_ids := ARRAY(SELECT c.id FROM customer_phone p JOIN customer c ON c.id = p.customer_id
                       WHERE c.subscriber_id = v_subscriber AND p.number = p_phone LIMIT 20)
            || ARRAY(SELECT claimants_v1(v_subscriber, p_phone));
    ELSIF v_prefix <> '' THEN
        v_ids := ARRAY(
            (SELECT c.id FROM customer c WHERE c.subscriber_id = v_subscriber
             AND lower(c.last_name) ~>=~ v_prefix AND lower(c.last_name) ~<~ v_above
             ORDER BY lower(c.last_name) USING ~<~, c.id LIMIT 20)
            UNION
            (SELECT c.id FROM customer c WHERE c.subscriber_id = v_subscriber
             AND lower(c.first_name || ' ' || c.last_name) ~>=~ v_prefix
             AND lower(c.first_name || ' ' || c.last_name) ~<~ v_above
             ORDER BY lower(c.first_name || ' ' || c.last_name) USING ~<~, c.id LIMIT 20));
    END IF;
    RETURN QUERY
    SELECT c.id, c.code::text, c.first_name || ' ' || c.last_name, c.email, c.segment, c.city::text,
        coalesce((SELECT jsonb_agg(jsonb_build_object('number', a.number, 'product', a.product,
                      'status', a.status) ORDER BY a.number)
                  FROM account a WHERE a.customer_id = c.id), '[]'),
        ARRAY(SELECT p.number::text FROM customer_phone p WHERE p.customer_id = c.id
              UNION SELECT e.number::text FROM enrolment e WHERE e.customer_id = c.id ORDER BY 1)
    FROM customer c WHERE c.id = ANY (v_ids)
    ORDER BY c.last_name, c.first_name, c.id LIMIT 20;
END $$;

-- Attaches a customer that the agent looked up, and says so in the call's data (LOOKUP_*). A call that
-- had no customer gets this one, identified by the agent, with the service offer of the account.
-- Answers the card as it is now. The same key again changes nothing.
CREATE FUNCTION attach_lookup_v1(
    p_call uuid, p_agent integer, p_query jsonb, p_customer bigint, p_key text
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_of_agent_v1(p_call, p_agent);
    v_customer customer;
    v_account account;
BEGIN
    SELECT * INTO v_customer FROM customer
    WHERE id = p_customer AND subscriber_id = v_call.subscriber_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no customer % of this subscriber', p_customer USING ERRCODE = 'CB006';
    END IF;
    INSERT INTO customer_lookup (call_id, agent_id, query, gathered, customer_id, idempotency_key)
    VALUES (p_call, p_agent, p_query, v_call.cti, p_customer, p_key)
    ON CONFLICT (idempotency_key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN call_card_v1(p_call);
    END IF;
    SELECT * INTO v_account FROM account
    WHERE id = only_account_v1(p_customer) OR (customer_id = p_customer AND number = p_query ->> 'account')
    LIMIT 1;
    IF v_call.customer_id IS NULL THEN
        PERFORM attach_match_v1(p_call, coalesce(find_match_v1(v_call, v_account.number, NULL),
            jsonb_build_object('CUSTOMER_ID', v_customer.code,
                'CUSTOMER_NAME', v_customer.first_name || ' ' || v_customer.last_name)),
            ARRAY['agent'], false);
    END IF;
    UPDATE call SET cti = cti || jsonb_strip_nulls(jsonb_build_object(
        'LOOKUP_QUERY', clean_value_v1((SELECT string_agg(q.key || '=' || q.value, ' ')
                                        FROM jsonb_each_text(p_query) q WHERE q.value <> '')),
        'LOOKUP_CUSTOMER_ID', v_customer.code,
        'LOOKUP_CUSTOMER_NAME', v_customer.first_name || ' ' || v_customer.last_name,
        'LOOKUP_ACCOUNT_NUMBER', v_account.number))
    WHERE id = p_call;
    INSERT INTO call_event (call_id, name, data) VALUES (p_call, 'lookup.attached',
        jsonb_build_object('customer', v_customer.code, 'agent', p_agent));
    RETURN call_card_v1(p_call);
END $$;
