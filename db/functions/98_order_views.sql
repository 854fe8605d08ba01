-- Orders as pages, API and boards show them.

-- An order with everything; null: there is none. Keys stand in docs/architecture.md.
CREATE FUNCTION order_json_v1(p_order uuid, p_change_minutes integer DEFAULT 10) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    o sales_order;
BEGIN
    SELECT * INTO o FROM sales_order WHERE id = p_order;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN draft_json_v1(o) || jsonb_build_object(
        'state', o.state, 'needs_agent', o.needs_agent, 'to_tell', o.to_tell, 'version', o.version, 'source', o.source,
        'call', o.call_id, 'held_by', CASE WHEN is_held_v1(o, NULL) THEN o.held_by END,
        'subscriber', shop_json_v1(o.subscriber_id), 'location', order_location_v1(o.location_id),
        'client', order_client_v1(o), 'method', o.method, 'note', o.note,
        'lines', order_lines_v1(o.id), 'subtotal_cents', o.subtotal_cents, 'tax_cents', o.tax_cents,
        'total_cents', o.total_cents, 'payment', (
            SELECT jsonb_build_object('id', m.id, 'provider', m.provider, 'reference', m.reference,
                'amount_cents', m.amount_cents, 'state', m.state, 'owed_at', iso_time_v1(m.owed_at),
                'repaid_at', iso_time_v1(m.repaid_at))
            FROM payment_link m WHERE m.order_id = o.id),
        'passed_over', (SELECT coalesce(jsonb_agg(l.code), '[]') FROM location l WHERE l.id = ANY (o.passed_over)),
        'created_at', iso_time_v1(o.created_at), 'placed_at', iso_time_v1(o.placed_at),
        'accept_by', iso_time_v1(o.accept_by), 'ended_at', iso_time_v1(o.ended_at),
        'change_until', iso_until_v1(change_until_v1(o, p_change_minutes)),
        'timeline', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso_time_v1(e.at), 'name', e.name,
                'actor', e.actor, 'data', e.data) ORDER BY e.id), '[]')
            FROM order_event e WHERE e.order_id = o.id));
END $$;

CREATE FUNCTION order_location_v1(p_location integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('id', l.id, 'code', l.code, 'name', l.name, 'street', l.street,
            'city', l.city, 'region', l.region, 'postcode', l.postcode, 'phone', l.phone,
            'timezone', l.timezone)
        FROM location l WHERE l.id = p_location);
END $$;

-- Whose it is, how to call back, and where it is delivered.
CREATE FUNCTION order_client_v1(o sales_order) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('id', k.id, 'code', k.code, 'name', k.first_name || ' ' || k.last_name,
            'number', coalesce((SELECT c.ani FROM call c WHERE c.id = o.call_id), number_of_v1(k.id)),
            'street', o.street, 'city', o.city, 'postcode', o.postcode)
        FROM customer k WHERE k.id = o.customer_id);
END $$;

CREATE FUNCTION order_lines_v1(p_order uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('product', p.code, 'name', n.name,
            'options', n.options, 'quantity', n.quantity, 'unit_cents', n.unit_cents,
            'tax_basis_points', n.tax_basis_points, 'cents', n.unit_cents::bigint * n.quantity)
            ORDER BY n.line), '[]')
        FROM order_line n JOIN product p ON p.id = n.product_id WHERE n.order_id = p_order);
END $$;

-- What a location's board shows, soonest due first: orders that are not over, and those that ended
-- today, by the location's clock.
CREATE FUNCTION board_orders_v1(p_location integer) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_zone text := (SELECT l.timezone FROM location l WHERE l.id = p_location);
    v_midnight timestamptz := date_trunc('day', now() AT TIME ZONE v_zone) AT TIME ZONE v_zone;
BEGIN
    RETURN QUERY
    SELECT order_json_v1(o.id) FROM sales_order o
    WHERE o.location_id = p_location AND o.placed_at IS NOT NULL
      AND (o.state IN ('placed', 'accepted', 'ready') OR o.ended_at >= v_midnight)
    ORDER BY o.due_at, o.number;
END $$;

-- Orders that no location takes and a person has to help, longest waiting first.
CREATE FUNCTION rescue_orders_v1(p_subscriber integer, p_limit integer) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    RETURN QUERY
    SELECT order_json_v1(o.id) FROM sales_order o
    WHERE o.subscriber_id = p_subscriber AND o.needs_agent
    ORDER BY o.placed_at LIMIT p_limit;
END $$;

-- A client's orders, newest first.
CREATE FUNCTION client_orders_v1(p_customer bigint, p_limit integer, p_change_minutes integer DEFAULT 10)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT order_json_v1(o.id, p_change_minutes) FROM sales_order o
    WHERE o.customer_id = p_customer AND o.placed_at IS NOT NULL
    ORDER BY o.placed_at DESC LIMIT p_limit;
END $$;

-- Of the orders placed in so many days by clients to whom a usual order was suggested: how many took the
-- first suggestion, how many any, how many none.
CREATE FUNCTION suggestion_share_v1(p_subscriber integer, p_days integer)
RETURNS TABLE (orders bigint, first_taken bigint, any_taken bigint, none_taken bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT count(*), count(*) FILTER (WHERE o.suggestion = 1), count(o.suggestion),
        count(*) FILTER (WHERE o.suggestion IS NULL)
    FROM sales_order o
    WHERE o.subscriber_id = p_subscriber AND o.placed_at > now() - make_interval(days => p_days)
      AND o.suggested <> '[]' AND o.state <> 'cancelled';
END $$;
