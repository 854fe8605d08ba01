-- The call of a callback attempt: its row, its data, and what the agent may see of it when.

-- The part of a web call's card that is about the web; null for any other call. `whisper` and
-- `visitor_here` the app alone knows.
CREATE FUNCTION web_card_v1(c call) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF c.request_id IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT jsonb_build_object('request_id', q.id, 'source', q.source, 'subject', u.name,
            'subject_code', u.subject_code, 'customer_code', q.customer_code, 'note', q.note,
            'page_title', q.page_title, 'page_url', q.page_url, 'pages', q.pages,
            'pushes', coalesce((
                SELECT jsonb_agg(jsonb_build_object('push_id', p.id, 'title', p.title, 'url', p.url,
                    'origin', p.origin, 'at_ms', ms_of_v1(p.pushed_at), 'page', p.page_id,
                    'framing', p.framing, 'shown_ms', ms_of_v1(p.shown_at),
                    'viewed_seconds', p.viewed_seconds) ORDER BY p.pushed_at, p.number)
                FROM page_push p WHERE p.call_id = c.id), '[]'),
            'entries', coalesce((
                SELECT jsonb_agg(jsonb_build_object('entry_id', m.id, 'kind', m.kind,
                    'at_ms', ms_of_v1(m.created_at)) ORDER BY m.created_at)
                FROM merchant_entry m WHERE m.call_id = c.id), '[]'))
        FROM call_request q JOIN routing_rule u ON u.id = q.rule_id WHERE q.id = c.request_id);
END $$;

-- What an agent sees of a web call before signing on: whose it is, and about what.
CREATE FUNCTION sealed_card_v1(c call, p_subscriber jsonb, p_queue jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('id', c.id, 'subscriber', p_subscriber, 'queue', p_queue,
            'sign_on', u.sign_on, 'codes', disposition_codes_v1(c.subscriber_id),
            'web', jsonb_build_object('subject', u.name, 'subject_code', u.subject_code),
            'cti', jsonb_strip_nulls(jsonb_build_object('CALL_ID', c.id,
                'SUBSCRIBER', p_subscriber ->> 'code', 'SUBJECT', u.subject_code,
                'QUEUE', p_queue ->> 'code')))
        FROM call_request q JOIN routing_rule u ON u.id = q.rule_id WHERE q.id = c.request_id);
END $$;

-- The only customer of a subscriber with this number; null when nobody has it, or several.
CREATE FUNCTION only_customer_v1(p_subscriber integer, p_number text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) = 1 THEN min(c.id) END
        FROM customer_phone p JOIN customer c ON c.id = p.customer_id
        WHERE p.number = p_number AND c.subscriber_id = p_subscriber);
END $$;

-- Call data of a call that is to be made: TAG2, then whose it is and who is called. The customer whom
-- the request names, or else the only one whose number it is, is attached with the offers that a match on
-- the account lights. A number that was typed is only a claim, but nobody talks before it has answered,
-- and whoever answers there is known as well as a caller from there; docs/adr/0091.
CREATE FUNCTION describe_callback_v1(p_call uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_request call_request;
    v_customer customer;
    v_account text;
    v_named boolean;
BEGIN
    SELECT * INTO v_request FROM call_request WHERE id = v_call.request_id;
    v_named := v_request.customer_id IS NOT NULL AND v_request.customer_code IS NOT NULL;
    UPDATE call c SET cti = u.tag2 || jsonb_strip_nulls(jsonb_build_object('SUBSCRIBER', s.code,
        'SUBJECT', u.subject_code, 'ANI', v_request.number, 'DNIS', u.dnis, 'CALL_ID', p_call))
    FROM routing_rule u JOIN subscriber s ON s.id = u.subscriber_id
    WHERE u.id = v_request.rule_id AND c.id = p_call;
    SELECT * INTO v_customer FROM customer WHERE id = coalesce(
        v_request.customer_id, only_customer_v1(v_call.subscriber_id, v_request.number));
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT number INTO v_account FROM account WHERE id = only_account_v1(v_customer.id);
    PERFORM attach_match_v1(p_call,
        coalesce(find_match_v1(lock_call_v1(p_call), v_account, NULL),
            jsonb_build_object('CUSTOMER_ID', v_customer.code,
                'CUSTOMER_NAME', v_customer.first_name || ' ' || v_customer.last_name)),
        ARRAY[CASE WHEN v_named THEN 'code' ELSE 'ani' END], false);
END $$;

-- The row of a call that is to be made, by its attempt, and its whole card; asked again it answers the
-- same. Null: there is no such attempt.
CREATE FUNCTION open_callback_v1(p_call uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM callback_attempt WHERE id = p_call) THEN
        RETURN NULL;
    END IF;
    PERFORM ensure_call_v1(p_call, clock_timestamp());
    IF NOT EXISTS (SELECT FROM call WHERE id = p_call AND cti ? 'SUBJECT') THEN
        PERFORM describe_callback_v1(p_call);
    END IF;
    RETURN call_card_v1(p_call, NULL, true);
END $$;

-- Who was called keyed the code that the page shows.
CREATE FUNCTION prove_callback_v1(p_call uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE call SET identified_by = identified_by || 'proof'::text
    WHERE id = p_call AND NOT 'proof' = ANY (identified_by);
    UPDATE call_request SET proved_at = coalesce(proved_at, p_at)
    WHERE id = (SELECT request_id FROM call WHERE id = p_call);
END $$;
