-- What becomes of an order that was placed: accepted, ready, handed over, cancelled, made elsewhere.

-- CB052: it is not as the page showed it.
CREATE FUNCTION check_version_v1(o sales_order, p_version integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF o.version IS DISTINCT FROM p_version THEN
        RAISE EXCEPTION 'order % was changed meanwhile and is %; look at it again', o.number, o.state
            USING ERRCODE = 'CB052';
    END IF;
END $$;

-- CB053: a user who works at a location has to do with the orders of that location alone.
CREATE FUNCTION check_staff_v1(o sales_order, p_by text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_by ~ '^user:[0-9]{1,9}$' AND EXISTS (
            SELECT FROM location_staff s
            WHERE s.user_id = substr(p_by, 6)::integer AND s.location_id IS DISTINCT FROM o.location_id) THEN
        RAISE EXCEPTION 'there is no order % at this location', o.number USING ERRCODE = 'CB053';
    END IF;
END $$;

-- Takes what a cancelled order left in the client's purchases and payments away. What was paid is owed.
CREATE FUNCTION undo_order_v1(p_order uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM purchase WHERE order_id = p_order;
    UPDATE payment_link SET state = 'void' WHERE order_id = p_order AND state IN ('open', 'declined');
    PERFORM owe_payment_v1(p_order);
END $$;

-- The payment of a cancelled order, if it was paid, is to be paid back by a person: on the work list from
-- now on, once.
CREATE FUNCTION owe_payment_v1(p_order uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m payment_link;
BEGIN
    UPDATE payment_link SET owed_at = clock_timestamp()
    WHERE order_id = p_order AND state = 'paid' AND owed_at IS NULL
    RETURNING * INTO m;
    IF FOUND THEN
        PERFORM note_order_v1(p_order, 'order.to_pay_back', 'system',
            jsonb_build_object('amount_cents', m.amount_cents));
    END IF;
END $$;

CREATE FUNCTION is_paid_v1(p_order uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM payment_link m WHERE m.order_id = p_order AND m.state = 'paid');
END $$;

-- accepted, ready, handed_over or cancelled, by user:<id> or system, who saw that version; answers
-- order_json_v1. Pressed again it answers the same. `p_why` is told in the timeline; who accepts may say in
-- how many minutes it is ready, which an appointment does not heed. Errors: CB007 not from its state; CB052,
-- CB053.
CREATE FUNCTION advance_order_v1(p_order uuid, p_state order_state, p_by text, p_version integer,
    p_why text DEFAULT '', p_minutes integer DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
BEGIN
    PERFORM check_staff_v1(o, p_by);
    IF o.state = p_state THEN
        RETURN order_json_v1(p_order);
    END IF;
    PERFORM check_version_v1(o, p_version);
    IF p_state NOT IN ('accepted', 'ready', 'handed_over', 'cancelled') OR o.placed_at IS NULL THEN
        RAISE EXCEPTION 'an order cannot go from % to %', o.state, p_state USING ERRCODE = 'CB007';
    ELSIF p_state = 'accepted' AND o.location_id IS NULL THEN
        RAISE EXCEPTION 'no location makes order %; give it to one', o.number USING ERRCODE = 'CB007';
    END IF;
    UPDATE sales_order SET state = p_state, accept_by = NULL, needs_agent = false,
        to_tell = to_tell AND p_state NOT IN ('handed_over', 'cancelled'),
        ended_at = CASE WHEN p_state IN ('handed_over', 'cancelled') THEN clock_timestamp() END,
        due_at = CASE WHEN p_state = 'accepted' AND p_minutes IS NOT NULL AND method <> 'appointment'
            THEN date_trunc('minute', clock_timestamp() + make_interval(mins => p_minutes, secs => 59)) ELSE due_at END
    WHERE id = p_order RETURNING * INTO o;
    PERFORM note_order_v1(p_order, 'order.' || p_state, p_by, jsonb_build_object(
        'why', nullif(left(p_why, 200), ''),
        'due_at', CASE WHEN p_state = 'accepted' THEN iso_time_v1(o.due_at) END));
    IF p_state = 'cancelled' THEN
        PERFORM undo_order_v1(p_order);
    END IF;
    RETURN order_json_v1(p_order);
END $$;

-- The client cancels: before it is accepted at any time, then for so many minutes after placing, never
-- once it is ready. Cancelled again it answers the same. Errors: CB053, also for another client's; CB054
-- it is too late, or it is a draft.
CREATE FUNCTION cancel_order_v1(p_order uuid, p_customer bigint, p_change_minutes integer DEFAULT 10)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
BEGIN
    IF o.customer_id IS DISTINCT FROM p_customer THEN
        RAISE EXCEPTION 'this client has no order %', p_order USING ERRCODE = 'CB053';
    ELSIF o.state = 'cancelled' THEN
        RETURN order_json_v1(p_order, p_change_minutes);
    ELSIF change_until_v1(o, p_change_minutes) IS NULL THEN
        RAISE EXCEPTION 'order % is % and cannot be changed any more', o.number, replace(o.state::text, '_', ' ')
            USING ERRCODE = 'CB054';
    END IF;
    UPDATE sales_order SET state = 'cancelled', accept_by = NULL, needs_agent = false, to_tell = false,
        ended_at = clock_timestamp()
    WHERE id = p_order;
    PERFORM note_order_v1(p_order, 'order.cancelled', 'client');
    PERFORM undo_order_v1(p_order);
    RETURN order_json_v1(p_order, p_change_minutes);
END $$;

-- -- Made elsewhere

-- Gives an order that the caller has locked to another location, which is to accept it anew. A client who
-- comes and cannot be written to is to be told.
CREATE FUNCTION give_order_v1(o sales_order, p_location integer, p_name text, p_by text, p_why text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sales_order SET state = 'placed', location_id = p_location, needs_agent = false,
        to_tell = is_to_tell_v1(o, p_location),
        accept_by = accept_by_v1(p_location), due_at = CASE WHEN method = 'appointment' THEN due_at
            ELSE greatest(due_at, ready_at_v1(p_location, method)) END,
        passed_over = CASE WHEN o.location_id IS NULL OR o.location_id = p_location
            OR o.location_id = ANY (passed_over) THEN passed_over ELSE passed_over || o.location_id END
    WHERE id = o.id;
    PERFORM note_order_v1(o.id, p_name, p_by, jsonb_build_object('why', nullif(p_why, ''),
        'from', (SELECT l.code FROM location l WHERE l.id = o.location_id),
        'to', (SELECT l.code FROM location l WHERE l.id = p_location)));
END $$;

-- An agent gives a placed or accepted order to a location (its code), saying why, and whether the client was
-- told so (see tell_client_v1); answers order_json_v1. Errors: CB052; CB053; CB054 it is no longer to be made;
-- CB055 no such location; CB057.
CREATE FUNCTION move_order_v1(p_order uuid, p_location text, p_why text, p_by text, p_version integer,
    p_told boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
    v_location integer := location_of_code_v1(o.subscriber_id, p_location);
BEGIN
    PERFORM check_staff_v1(o, p_by);
    PERFORM check_version_v1(o, p_version);
    IF o.state NOT IN ('placed', 'accepted') THEN
        RAISE EXCEPTION 'order % is % and not to be made any more', o.number, replace(o.state::text, '_', ' ')
            USING ERRCODE = 'CB054';
    ELSIF v_location IS NULL THEN
        RAISE EXCEPTION 'it is not said where; choose a location' USING ERRCODE = 'CB055';
    ELSIF v_location IS DISTINCT FROM o.location_id THEN
        PERFORM check_location_v1(o, v_location);
    END IF;
    PERFORM give_order_v1(o, v_location, 'order.moved', p_by, left(p_why, 200));
    IF p_told THEN
        PERFORM tell_client_v1(p_order, p_location, p_by);
    END IF;
    RETURN order_json_v1(p_order);
END $$;

-- The location does not take it: what it had not accepted in time is due at once. Errors: CB052, CB053;
-- CB054 it is not waiting to be accepted.
CREATE FUNCTION decline_order_v1(p_order uuid, p_why text, p_by text, p_version integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
BEGIN
    PERFORM check_staff_v1(o, p_by);
    PERFORM check_version_v1(o, p_version);
    IF o.state <> 'placed' OR o.needs_agent THEN
        RAISE EXCEPTION 'order % is not waiting to be accepted', o.number USING ERRCODE = 'CB054';
    END IF;
    UPDATE sales_order SET accept_by = clock_timestamp() WHERE id = p_order;
    PERFORM note_order_v1(p_order, 'order.declined', p_by,
        jsonb_build_object('why', nullif(left(p_why, 200), '')));
    RETURN order_json_v1(p_order);
END $$;

-- Orders that were not accepted in time, the most overdue first, as cordboard/orders/places.py asks where
-- else: {order, number, version, subscriber, customer, method, location, passed_over (codes, with that
-- location), products (codes), due_at, postcode, country, own (code of the client's own location), given_at
-- (since when it is that location's), declined (by it)}.
CREATE FUNCTION due_orders_v1(p_limit integer) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT jsonb_build_object('order', o.id, 'number', o.number, 'version', o.version,
        'subscriber', (SELECT s.code FROM subscriber s WHERE s.id = o.subscriber_id),
        'customer', o.customer_id, 'method', o.method,
        'location', (SELECT l.code FROM location l WHERE l.id = o.location_id),
        'passed_over', (SELECT coalesce(jsonb_agg(l.code), '[]') FROM location l
                        WHERE l.id = ANY (o.passed_over || o.location_id)),
        'products', (SELECT coalesce(jsonb_agg(DISTINCT p.code), '[]')
                     FROM order_line n JOIN product p ON p.id = n.product_id WHERE n.order_id = o.id),
        'due_at', iso_time_v1(o.due_at), 'postcode', coalesce(o.postcode, k.postcode), 'country', k.country,
        'own', (SELECT l.code FROM preference r JOIN location l ON l.id = r.location_id
                WHERE r.customer_id = k.id),
        'given_at', iso_time_v1(given.at), 'declined', EXISTS (
            SELECT FROM order_event e
            WHERE e.order_id = o.id AND e.name = 'order.declined' AND e.at >= given.at))
    FROM sales_order o JOIN customer k ON k.id = o.customer_id
    CROSS JOIN LATERAL (
        SELECT coalesce(max(e.at), o.placed_at) FROM order_event e
        WHERE e.order_id = o.id AND e.name IN ('order.placed', 'order.moved', 'order.passed_over')
    ) AS given (at)
    WHERE o.state = 'placed' AND o.accept_by <= clock_timestamp()
    ORDER BY o.accept_by, o.id LIMIT p_limit
    FOR UPDATE OF o SKIP LOCKED;
END $$;

-- The location was closed all the time, by a calendar that the database does not know: it has until then.
-- False: it was accepted, cancelled or moved since it was that version.
CREATE FUNCTION put_off_order_v1(p_order uuid, p_until timestamptz, p_version integer) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sales_order SET accept_by = p_until
    WHERE id = p_order AND version = p_version AND state = 'placed' AND NOT needs_agent;
    RETURN FOUND;
END $$;

-- When the next order is to be accepted; null when none waits.
CREATE FUNCTION next_due_order_v1() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT min(o.accept_by) FROM sales_order o WHERE o.state = 'placed');
END $$;

-- An order that was not accepted in time goes to another location (its code), or, null, to an agent.
-- False: it was accepted, cancelled or moved since it was that version, and stays where it is.
-- Errors: CB053, CB055, CB057.
CREATE FUNCTION pass_over_order_v1(p_order uuid, p_location text, p_version integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
    v_location integer := location_of_code_v1(o.subscriber_id, p_location);
BEGIN
    IF o.version <> p_version OR o.state <> 'placed' OR o.needs_agent THEN
        RETURN false;
    END IF;
    IF v_location IS NOT NULL THEN
        PERFORM check_location_v1(o, v_location);
        PERFORM give_order_v1(o, v_location, 'order.passed_over', 'system', '');
    ELSE
        UPDATE sales_order SET needs_agent = true, accept_by = NULL, location_id = NULL,
            passed_over = CASE WHEN location_id IS NULL THEN passed_over ELSE passed_over || location_id END
        WHERE id = p_order;
        PERFORM note_order_v1(p_order, 'order.needs_agent', 'system', jsonb_build_object(
            'from', (SELECT l.code FROM location l WHERE l.id = o.location_id)));
    END IF;
    RETURN true;
END $$;
