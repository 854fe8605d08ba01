-- Clients who are to be told where their order is made now: by a person who calls, or in their next call.

-- Whether a client comes for an order who cannot be written to, and would go to another location than this:
-- where it was placed, or where the client was last told that it is.
CREATE FUNCTION is_to_tell_v1(o sales_order, p_location integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN o.method <> 'delivery'
        AND NOT EXISTS (SELECT FROM customer k WHERE k.id = o.customer_id AND k.email IS NOT NULL)
        AND (SELECT l.code FROM location l WHERE l.id = p_location) IS DISTINCT FROM (
            SELECT e.data ->> 'location' FROM order_event e
            WHERE e.order_id = o.id AND e.name IN ('order.placed', 'order.client_told')
            ORDER BY e.id DESC LIMIT 1);
END $$;

-- Orders whose clients are to be told, longest waiting first; those that have no location now are
-- rescue_orders_v1's.
CREATE FUNCTION untold_orders_v1(p_subscriber integer, p_limit integer) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    RETURN QUERY
    SELECT order_json_v1(o.id) FROM sales_order o
    WHERE o.subscriber_id = p_subscriber AND o.to_tell AND NOT o.needs_agent
    ORDER BY o.placed_at LIMIT p_limit;
END $$;

-- The client's oldest of them, as a call says it; null without.
CREATE FUNCTION untold_order_v1(p_customer bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('order', o.id, 'number', o.number, 'location', l.code,
            'due_at', iso_time_v1(o.due_at))
        FROM sales_order o JOIN location l ON l.id = o.location_id
        WHERE o.customer_id = p_customer AND o.to_tell AND NOT o.needs_agent
          AND o.state IN ('placed', 'accepted', 'ready')
        ORDER BY o.placed_at LIMIT 1);
END $$;

-- The client knows that the order is made at that location (its code): `client` heard it in a call, or
-- user:<id> has said so, which is audited. Said again it changes nothing. Answers order_json_v1.
-- Errors: CB052 it is made elsewhere by now; CB053.
CREATE FUNCTION tell_client_v1(p_order uuid, p_location text, p_by text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
BEGIN
    IF o.to_tell THEN
        IF o.location_id IS DISTINCT FROM location_of_code_v1(o.subscriber_id, p_location) THEN
            RAISE EXCEPTION 'order % was changed meanwhile and is made elsewhere; look at it again', o.number
                USING ERRCODE = 'CB052';
        END IF;
        UPDATE sales_order SET to_tell = false WHERE id = p_order;
        PERFORM note_order_v1(p_order, 'order.client_told', p_by, jsonb_build_object('location', p_location));
        IF p_by LIKE 'user:%' THEN
            INSERT INTO audit_entry (actor_id, action, entity, data)
            VALUES (substr(p_by, 6)::integer, 'order.client_told', 'order:' || p_order,
                jsonb_build_object('number', o.number, 'location', p_location));
        END IF;
    END IF;
    RETURN order_json_v1(p_order);
END $$;
