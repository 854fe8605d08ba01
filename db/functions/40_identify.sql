-- Finding out who calls, and attaching what was found to the call.

-- The failure that touches an account now, its texts filled for it.
CREATE FUNCTION current_failure_v1(p_account bigint)
RETURNS TABLE (id integer, code text, title text, notice text, script text, detail text,
               expected_end timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT f.id, f.code, f.title, fill_template_v1(f.notice, v.texts), fill_template_v1(f.script, v.texts),
           fa.detail, v.expected_end
    FROM service_failure_account fa
    JOIN service_failure f ON f.id = fa.failure_id
    JOIN account a ON a.id = fa.account_id
    JOIN customer c ON c.id = a.customer_id
    JOIN subscriber s ON s.id = f.subscriber_id
    CROSS JOIN LATERAL (
        -- A promise that has passed is no longer made.
        SELECT CASE WHEN f.expected_end > now() THEN f.expected_end END
    ) AS still (expected_end)
    CROSS JOIN LATERAL (
        SELECT still.expected_end, jsonb_build_object(
            'expected_end', coalesce(
                to_char(still.expected_end AT TIME ZONE s.timezone, 'FMDay, FMHH12:MI AM'),
                'a time that we do not know yet'),
            'detail', fa.detail, 'first_name', c.first_name, 'last_name', c.last_name,
            'account', a.number, 'product', a.product, 'subscriber', s.name)
    ) AS v (expected_end, texts)
    WHERE fa.account_id = p_account AND f.started <= now() AND (f.ended IS NULL OR f.ended > now())
    ORDER BY f.started DESC, f.id
    LIMIT 1
$$;

-- Attaches what match_offers_v1 found: customer, account, offers with their filled URLs, call data.
-- Another customer than before takes everything of the former one away, but for pages already opened.
CREATE FUNCTION attach_match_v1(p_call uuid, p_found jsonb, p_by text[], p_verified boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_call call;
    v_customer customer;
    v_account bigint;
    v_cti jsonb;
    v_offer record;
BEGIN
    SELECT * INTO STRICT v_call FROM call WHERE id = p_call;
    SELECT * INTO STRICT v_customer FROM customer
    WHERE subscriber_id = v_call.subscriber_id AND code = p_found ->> 'CUSTOMER_ID';
    SELECT id INTO v_account FROM account
    WHERE subscriber_id = v_call.subscriber_id AND number = p_found ->> 'ACCOUNT_NUMBER';
    v_cti := v_call.cti;
    IF v_call.customer_id <> v_customer.id THEN
        v_cti := v_cti - ARRAY['ACCOUNT_NUMBER', 'SERVICE_FAILURE', 'SALES_OFFER_CODE', 'SALES_OFFER_URL',
            'SERVICE_OFFER_CODE', 'SERVICE_OFFER_URL'];
        DELETE FROM call_offer WHERE call_id = p_call AND opened_at IS NULL;
    END IF;
    v_cti := v_cti || (p_found - ARRAY['SALES_OFFER_URL', 'SERVICE_OFFER_URL'])
        || jsonb_strip_nulls(jsonb_build_object(
            'IDENTIFIED_BY', array_to_string(p_by, ','), 'VERIFIED', p_verified::text,
            'SERVICE_FAILURE', (SELECT f.code FROM current_failure_v1(v_account) f)));
    FOR v_offer IN
        SELECT o.id, o.kind, o.code, upper(o.kind::text) AS prefix,
               fill_offer_url_v1(o.url, p_call, p_found ->> 'ACCOUNT_NUMBER', v_customer.code) AS url
        FROM unnest(ARRAY['sales', 'service']::offer_kind[]) AS wanted (kind)
        JOIN offer o ON o.subscriber_id = v_call.subscriber_id AND o.kind = wanted.kind
            AND o.code = p_found ->> (upper(wanted.kind::text) || '_OFFER_CODE')
    LOOP
        v_cti := (v_cti - (v_offer.prefix || '_OFFER_URL'))
            || jsonb_strip_nulls(jsonb_build_object(v_offer.prefix || '_OFFER_URL', v_offer.url));
        INSERT INTO call_offer (call_id, kind, offer_id, code, url)
        VALUES (p_call, v_offer.kind, v_offer.id, v_offer.code, v_offer.url)
        ON CONFLICT (call_id, kind) DO UPDATE
            SET offer_id = excluded.offer_id, code = excluded.code, url = excluded.url,
                opened_at = CASE WHEN call_offer.offer_id = excluded.offer_id THEN call_offer.opened_at END;
    END LOOP;
    UPDATE call SET customer_id = v_customer.id, account_id = coalesce(v_account,
            CASE WHEN customer_id = v_customer.id THEN account_id END),
        identified_by = p_by, verified = p_verified, priority = v_customer.priority, cti = v_cti,
        -- What was decided was decided for somebody else.
        decision_id = CASE WHEN customer_id = v_customer.id THEN decision_id END
    WHERE id = p_call;
    INSERT INTO call_event (call_id, name, data)
    VALUES (p_call, 'caller.identified', jsonb_build_object('customer', v_customer.code,
        'identified_by', p_by, 'verified', p_verified,
        'sales', p_found -> 'SALES_OFFER_CODE', 'service', p_found -> 'SERVICE_OFFER_CODE'));
END $$;

-- The call's row, locked until the end of the transaction; CB001 when there is none.
CREATE FUNCTION lock_call_v1(p_call uuid) RETURNS call LANGUAGE plpgsql AS $$
DECLARE
    v_call call;
BEGIN
    SELECT * INTO v_call FROM call WHERE id = p_call FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no call %', p_call USING ERRCODE = 'CB001';
    END IF;
    RETURN v_call;
END $$;

-- match_offers_v1 as one object; null when nothing matched.
CREATE FUNCTION find_match_v1(p_call call, p_account text, p_ssn_hash bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(m.key, m.value)
        FROM subscriber s CROSS JOIN LATERAL match_offers_v1(s.code, p_account, p_ssn_hash) m
        WHERE s.id = p_call.subscriber_id);
END $$;

-- FOUND, NOT_ENOUGH (one customer, but the line or several accounts call for an account number),
-- AMBIGUOUS (several customers share the number), UNKNOWN or ANONYMOUS.
CREATE FUNCTION identify_by_ani_v1(p_call uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_ids bigint[];
    v_customer customer;
    v_account account;
    v_policy identify_policy := (SELECT identify FROM did WHERE number = v_call.dnis);
    v_found jsonb;
BEGIN
    IF v_call.ani IS NULL THEN
        RETURN 'ANONYMOUS';
    END IF;
    SELECT array_agg(c.id) INTO v_ids FROM customer_phone p JOIN customer c ON c.id = p.customer_id
    WHERE p.number = v_call.ani AND c.subscriber_id = v_call.subscriber_id;
    IF v_ids IS NULL THEN
        RETURN 'UNKNOWN';
    ELSIF cardinality(v_ids) > 1 THEN
        RETURN 'AMBIGUOUS';
    END IF;
    SELECT * INTO v_customer FROM customer WHERE id = v_ids[1];
    SELECT * INTO v_account FROM account WHERE id = only_account_v1(v_customer.id);
    IF v_call.customer_id IS NULL THEN
        v_found := coalesce(find_match_v1(v_call, v_account.number, NULL),
            jsonb_build_object('CUSTOMER_ID', v_customer.code,
                'CUSTOMER_NAME', v_customer.first_name || ' ' || v_customer.last_name));
        PERFORM attach_match_v1(p_call, v_found, ARRAY['ani'], false);
    END IF;
    RETURN CASE WHEN v_policy = 'account' OR (v_account.id IS NULL AND v_policy = 'ani')
        THEN 'NOT_ENOUGH' ELSE 'FOUND' END;
END $$;

-- The service failure that touches the call's account, if any: what to play, and that it was found.
CREATE FUNCTION find_notice_v1(p_call uuid)
RETURNS TABLE (id integer, code text, title text, notice text, expected_end timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    v_failure record;
BEGIN
    SELECT f.* INTO v_failure FROM call c CROSS JOIN LATERAL current_failure_v1(c.account_id) f
    WHERE c.id = p_call;
    IF FOUND THEN
        INSERT INTO call_event (call_id, name, data)
        VALUES (p_call, 'notice.found', jsonb_build_object('failure', v_failure.code));
        RETURN QUERY SELECT v_failure.id, v_failure.code, v_failure.title, v_failure.notice,
            v_failure.expected_end;
    END IF;
END $$;
