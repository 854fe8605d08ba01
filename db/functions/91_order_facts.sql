-- What is known of a client who orders; keys stand in docs/architecture.md.

-- Tells a line of an order's timeline. `p_actor`: client, system, user:<id>.
CREATE FUNCTION note_order_v1(p_order uuid, p_name text, p_actor text, p_data jsonb DEFAULT '{}')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_event (order_id, name, actor, data)
    VALUES (p_order, p_name, p_actor, jsonb_strip_nulls(p_data));
END $$;

-- Who that is in a timeline: agent:<id> of a hold is user:<id>; a call and a browser are the client.
CREATE FUNCTION actor_of_v1(p_holder text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN p_holder LIKE 'agent:%' THEN 'user:' || substr(p_holder, 7)
        WHEN p_holder LIKE 'user:%' OR p_holder = 'system' THEN p_holder ELSE 'client' END;
END $$;

-- What was ordered, as codes: cordboard/orders/basket.py reads it.
CREATE FUNCTION basket_json_v1(o sales_order) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('method', o.method,
        'location', (SELECT l.code FROM location l WHERE l.id = o.location_id),
        'lines', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('product', p.code, 'quantity', n.quantity,
                'options', jsonb_path_query_array(n.options, '$[*].code')) ORDER BY n.line), '[]')
            FROM order_line n JOIN product p ON p.id = n.product_id WHERE n.order_id = o.id));
END $$;

-- Until when the client may cancel an order: `infinity` before it is accepted, null when not any more.
CREATE FUNCTION change_until_v1(o sales_order, p_minutes integer) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE
        WHEN o.state = 'placed' THEN 'infinity'
        WHEN o.state = 'accepted' AND o.placed_at + make_interval(mins => p_minutes) > clock_timestamp()
            THEN o.placed_at + make_interval(mins => p_minutes) END;
END $$;

-- As ISO 8601 with 9999 for `infinity`, which not every reader knows.
CREATE FUNCTION iso_until_v1(p_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN p_at = 'infinity' THEN '9999-12-31T00:00:00.000Z' ELSE iso_time_v1(p_at) END;
END $$;

-- Newest first, at most 200: what was placed and not cancelled, and where the client wanted it. The location
-- to which it was moved is nobody's habit.
CREATE FUNCTION order_history_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso_time_v1(o.placed_at), 'basket',
            jsonb_build_object('method', o.method, 'location', o.location, 'lines', n.lines))
            ORDER BY o.placed_at DESC), '[]')
        FROM (
            SELECT x.id, x.placed_at, x.method, l.code AS location
            FROM sales_order x LEFT JOIN location l ON l.id = coalesce(x.passed_over[1], x.location_id)
            WHERE x.customer_id = p_customer AND x.placed_at IS NOT NULL AND x.state <> 'cancelled'
            ORDER BY x.placed_at DESC LIMIT 200
        ) AS o
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('product', p.code, 'quantity', y.quantity,
                'options', jsonb_path_query_array(y.options, '$[*].code')) ORDER BY y.line)
            FROM order_line y JOIN product p ON p.id = y.product_id WHERE y.order_id = o.id
        ) AS n (lines)
        WHERE n.lines IS NOT NULL);
END $$;

-- How a client may pay, the usual way first: that of the newest order, or the wish of the enrolment as long as
-- there is no order since it was typed. Before, a link to pay had no address to go to.
CREATE FUNCTION billing_of_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_account boolean := EXISTS (
        SELECT FROM account a WHERE a.customer_id = p_customer AND a.status = 'active');
    v_usual billing_method := coalesce(
        (SELECT o.billing FROM sales_order o
         WHERE o.customer_id = p_customer AND o.placed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM enrolment e WHERE e.customer_id = p_customer AND e.typed_at > o.placed_at)
         ORDER BY o.placed_at DESC LIMIT 1),
        (SELECT e.billing FROM enrolment e WHERE e.customer_id = p_customer));
BEGIN
    RETURN (
        SELECT jsonb_agg(b ORDER BY coalesce(b <> v_usual, true), b)
        FROM unnest(enum_range(NULL::billing_method)) AS way (b)
        WHERE b <> 'on_account' OR v_account);
END $$;

-- The client's own part of the facts. Names are null as long as they are sound only.
CREATE FUNCTION client_json_v1(k customer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_enrolment enrolment_state := (SELECT e.state FROM enrolment e WHERE e.customer_id = k.id);
    v_named boolean := v_enrolment IS DISTINCT FROM 'recorded' AND v_enrolment IS DISTINCT FROM 'discarded';
BEGIN
    RETURN jsonb_build_object('id', k.id, 'code', k.code,
        'first_name', CASE WHEN v_named THEN k.first_name END,
        'last_name', CASE WHEN v_named THEN k.last_name END,
        'audio', coalesce((SELECT jsonb_agg(a.what ORDER BY a.what DESC)
                           FROM client_audio a WHERE a.customer_id = k.id), '[]'),
        'street', k.street, 'city', k.city, 'region', k.region, 'postcode', k.postcode,
        'country', k.country, 'billing', billing_of_v1(k.id), 'has_email', k.email IS NOT NULL,
        'enrolment', v_enrolment);
END $$;

CREATE FUNCTION preference_json_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v preference;
BEGIN
    SELECT * INTO v FROM preference WHERE customer_id = p_customer;
    RETURN jsonb_build_object('no_automation', coalesce(v.no_automation, false),
        'origin', v.no_automation_origin, 'zero_at_once', coalesce(v.zero_at_once, 0),
        'location', (SELECT l.code FROM location l WHERE l.id = v.location_id), 'method', v.method);
END $$;

-- Whether an order is delivered elsewhere than to the client's home, as that is now.
CREATE FUNCTION is_elsewhere_v1(o sales_order, k customer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN o.street IS NOT NULL
        AND (o.street, o.city, o.postcode) IS DISTINCT FROM (k.street, k.city, k.postcode);
END $$;

-- Where an order is delivered; null: at the client's home, or it is not said.
CREATE FUNCTION address_json_v1(o sales_order) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN o.street IS NOT NULL THEN
        jsonb_build_object('street', o.street, 'city', o.city, 'postcode', o.postcode) END;
END $$;

-- The newest order that was placed; null without. `address` is null when it goes to the client's home.
CREATE FUNCTION last_order_v1(p_customer bigint, p_minutes integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    o sales_order;
    k customer;
BEGIN
    SELECT * INTO k FROM customer WHERE id = p_customer;
    SELECT * INTO o FROM sales_order
    WHERE customer_id = p_customer AND placed_at IS NOT NULL ORDER BY placed_at DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object('order', o.id, 'number', o.number, 'state', o.state,
        'needs_agent', o.needs_agent, 'basket', basket_json_v1(o), 'total_cents', o.total_cents,
        'paid', is_paid_v1(o.id), 'address', CASE WHEN is_elsewhere_v1(o, k) THEN address_json_v1(o) END,
        'due_at', iso_time_v1(o.due_at), 'placed_at', iso_time_v1(o.placed_at),
        'change_until', iso_until_v1(change_until_v1(o, p_minutes)));
END $$;

-- The call of a hold `call:<id>`; null when it is none.
CREATE FUNCTION holding_call_v1(p_holder text) RETURNS uuid LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN p_holder ~ '^call:[0-9a-f-]{36}$' THEN substr(p_holder, 6)::uuid END;
END $$;

-- Whether somebody else than `p_holder` works on a draft. A call that is over works on nothing, though
-- its hold may last a little longer.
CREATE FUNCTION is_held_v1(o sales_order, p_holder text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN o.held_until IS NOT NULL AND o.held_until > clock_timestamp()
        AND o.held_by IS DISTINCT FROM p_holder
        AND NOT EXISTS (
            SELECT FROM call c WHERE c.id = holding_call_v1(o.held_by) AND c.state = 'ended');
END $$;

-- A draft as the dialogue goes on with it; see order_json_v1 for everything.
CREATE FUNCTION draft_json_v1(o sales_order) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('order', o.id, 'number', o.number, 'basket', basket_json_v1(o),
        'due_at', iso_time_v1(o.due_at), 'billing', o.billing, 'replaces', o.replaces,
        'suggested', o.suggested, 'suggestion', o.suggestion, 'note', o.note,
        'address', address_json_v1(o));
END $$;

-- The newest draft of the last day that nobody holds and that something is in; null without.
CREATE FUNCTION open_draft_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    o sales_order;
BEGIN
    SELECT * INTO o FROM sales_order x
    WHERE x.customer_id = p_customer AND x.placed_at IS NULL AND x.state = 'draft'
      AND NOT is_held_v1(x, NULL)
      AND x.updated_at > clock_timestamp() - interval '1 day'
      AND EXISTS (SELECT FROM order_line n WHERE n.order_id = x.id)
    ORDER BY x.updated_at DESC LIMIT 1;
    RETURN CASE WHEN FOUND THEN draft_json_v1(o) END;
END $$;

-- Everything that dialogue, pages and desk ask of a client, in one round trip. Null: nobody has this id.
-- `p_change_minutes`: how long after placing an accepted order may be changed.
CREATE FUNCTION order_facts_v1(p_customer bigint, p_change_minutes integer DEFAULT 10) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    k customer;
BEGIN
    SELECT * INTO k FROM customer WHERE id = p_customer;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object(
        'shop', shop_json_v1(k.subscriber_id),
        'client', client_json_v1(k),
        'preference', preference_json_v1(k.id),
        'history', order_history_v1(k.id),
        'catalogue', catalogue_json_v1(k.subscriber_id),
        'locations', locations_json_v1(k.subscriber_id),
        'speed_dials', coalesce((
            SELECT jsonb_agg(jsonb_build_object('digits', d.digits, 'name', d.name, 'basket', d.basket)
                ORDER BY d.digits)
            FROM speed_dial d WHERE d.customer_id = k.id), '[]'),
        'last_order', last_order_v1(k.id, p_change_minutes),
        'moved', untold_order_v1(k.id),
        'draft', open_draft_v1(k.id));
END $$;

CREATE FUNCTION shop_json_v1(p_subscriber integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('code', s.code, 'name', s.name, 'country', s.country,
                'timezone', s.timezone) FROM subscriber s WHERE s.id = p_subscriber);
END $$;

-- What can be ordered where, for somebody who is no client yet: {shop, catalogue, locations}. Null: no
-- such subscriber.
CREATE FUNCTION shop_facts_v1(p_subscriber text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_id integer := (SELECT id FROM subscriber WHERE code = p_subscriber);
BEGIN
    RETURN CASE WHEN v_id IS NOT NULL THEN jsonb_build_object('shop', shop_json_v1(v_id),
        'catalogue', catalogue_json_v1(v_id), 'locations', locations_json_v1(v_id)) END;
END $$;

-- -- Who calls

-- Clients of a number, the call's or one that was keyed, the most frequent callers of half a year first,
-- at most 27. The call's own number is also that of who claimed it (`claimed`), where nobody else has it or
-- it was keyed: a claim puts no name into the way of those who have called from it. A number that was keyed in
-- a call from another, or from none, is that of who claimed it by telephone: whose number is withheld is found
-- by nothing else. Error: CB001.
CREATE FUNCTION order_callers_v1(p_call uuid, p_number text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_call call;
    v_number text;
    v_elsewhere boolean;
BEGIN
    SELECT * INTO v_call FROM call WHERE id = p_call;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no call %', p_call USING ERRCODE = 'CB001';
    END IF;
    v_number := coalesce(p_number, v_call.ani);
    v_elsewhere := v_number IS DISTINCT FROM v_call.ani;
    RETURN jsonb_build_object('number', v_number, 'shop', shop_json_v1(v_call.subscriber_id),
        'callers', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', found.id,
                'first_name', found.client -> 'first_name',
                'audio', found.client -> 'audio' ? 'name',
                'no_automation', coalesce(r.no_automation, false), 'claimed', found.claimed)
                ORDER BY found.claimed, found.times DESC, found.id), '[]')
            FROM (
                SELECT k.id, often.times, client_json_v1(k) AS client, who.claimed
                FROM (
                    SELECT p.customer_id, false FROM customer_phone p WHERE p.number = v_number
                    UNION ALL
                    SELECT c.id, true
                    FROM claimants_v1(v_call.subscriber_id, v_number,
                        CASE WHEN v_elsewhere THEN 'phone'::order_source END) AS c (id)
                    WHERE p_number IS NOT NULL OR NOT EXISTS (
                        SELECT FROM customer_phone p JOIN customer k ON k.id = p.customer_id
                        WHERE p.number = v_number AND k.subscriber_id = v_call.subscriber_id)
                ) AS who (id, claimed)
                JOIN customer k ON k.id = who.id
                CROSS JOIN LATERAL (SELECT calls_of_v1(k.id)) AS often (times)
                WHERE k.subscriber_id = v_call.subscriber_id
                ORDER BY who.claimed, often.times DESC, k.id LIMIT 27
            ) AS found
            LEFT JOIN preference r ON r.customer_id = found.id));
END $$;

-- How often a client called in half a year; an order by telephone of which no call is known is one too.
CREATE FUNCTION calls_of_v1(p_customer bigint) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM call c
            WHERE c.customer_id = p_customer AND c.started > now() - interval '180 days')
        + (SELECT count(*) FROM sales_order o
           WHERE o.customer_id = p_customer AND o.placed_at > now() - interval '180 days'
             AND o.source = 'phone' AND o.call_id IS NULL);
END $$;

-- The caller said which of those who have the number it is: attaches this client to the call and answers
-- order_facts_v1. `p_keyed`: the number was keyed, which proves nothing: the client is attached without
-- identification and offers, and is not let order on account. Who claimed the call's number has it from now
-- on; keyed, it stays a claim. Errors: CB001; CB006 when the call's number is not this client's, or nobody of
-- this subscriber who called or enrolled by telephone has this id.
CREATE FUNCTION choose_client_v1(
    p_call uuid, p_customer bigint, p_keyed boolean DEFAULT false, p_change_minutes integer DEFAULT 10
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_facts jsonb;
BEGIN
    IF v_call.customer_id IS DISTINCT FROM p_customer THEN
        PERFORM prove_number_v1(k.id, v_call.ani) FROM customer k
        WHERE k.id = p_customer AND k.subscriber_id = v_call.subscriber_id AND NOT p_keyed;
        IF NOT EXISTS (
            SELECT FROM customer k
            WHERE k.id = p_customer AND k.subscriber_id = v_call.subscriber_id AND (
                EXISTS (SELECT FROM customer_phone p
                        WHERE p.customer_id = k.id AND (p_keyed OR p.number = v_call.ani))
                OR p_keyed AND EXISTS (SELECT FROM enrolment e
                                       WHERE e.customer_id = k.id AND e.source = 'phone'))) THEN
            RAISE EXCEPTION 'the number of call % is not that of client %', p_call, p_customer
                USING ERRCODE = 'CB006';
        END IF;
        PERFORM attach_client_v1(v_call, p_customer, NOT p_keyed);
    END IF;
    v_facts := order_facts_v1(p_customer, p_change_minutes);
    RETURN CASE WHEN is_proved_v1(p_call, p_customer) THEN v_facts
        ELSE jsonb_set(v_facts, '{client,billing}', (v_facts -> 'client' -> 'billing') - 'on_account') END;
END $$;

-- Makes the call this client's: known by the number, with what a match on the account attaches, or by
-- nothing.
CREATE FUNCTION attach_client_v1(v_call call, p_customer bigint, p_by_number boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_account text := (SELECT number FROM account WHERE id = only_account_v1(p_customer));
    v_match jsonb := CASE WHEN p_by_number THEN find_match_v1(v_call, v_account, NULL) END;
BEGIN
    PERFORM attach_match_v1(v_call.id, coalesce(v_match, (
        SELECT jsonb_build_object('CUSTOMER_ID', k.code,
            'CUSTOMER_NAME', k.first_name || ' ' || k.last_name)
        FROM customer k WHERE k.id = p_customer)),
        CASE WHEN p_by_number THEN ARRAY['ani'] ELSE '{}' END, false);
END $$;

-- The caller said to be another than the client of the number: the call is nobody's again, and nothing of
-- that client goes along, but for pages already opened. Error: CB001.
CREATE FUNCTION unchoose_client_v1(p_call uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
BEGIN
    DELETE FROM call_offer WHERE call_id = p_call AND opened_at IS NULL;
    UPDATE call SET customer_id = NULL, account_id = NULL, identified_by = '{}', verified = false,
        priority = DEFAULT, decision_id = NULL,
        cti = cti - ARRAY['CUSTOMER_ID', 'CUSTOMER_NAME', 'ACCOUNT_NUMBER', 'IDENTIFIED_BY', 'VERIFIED',
            'SERVICE_FAILURE', 'SALES_OFFER_CODE', 'SALES_OFFER_URL', 'SERVICE_OFFER_CODE', 'SERVICE_OFFER_URL']
    WHERE id = p_call AND customer_id IS NOT NULL;
    IF FOUND THEN
        INSERT INTO call_event (call_id, name) VALUES (p_call, 'caller.somebody_else');
    END IF;
END $$;

-- Whether something speaks for it that this client calls; without a call somebody else has seen to that.
CREATE FUNCTION is_proved_v1(p_call uuid, p_customer bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM call c
        WHERE c.id = p_call AND c.customer_id = p_customer AND c.identified_by = '{}');
END $$;
