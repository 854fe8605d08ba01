-- A draft becomes an order, exactly once.

-- CB055: what an order needs before it can be placed.
CREATE FUNCTION check_complete_v1(o sales_order) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_services integer;
    v_lines integer;
    v_missing text;
BEGIN
    SELECT count(*), count(*) FILTER (WHERE p.by_appointment) INTO v_lines, v_services
    FROM order_line n JOIN product p ON p.id = n.product_id WHERE n.order_id = o.id;
    v_missing := CASE
        WHEN v_lines = 0 THEN 'nothing is ordered; choose something'
        WHEN o.method IS NULL THEN 'it is not said how the order is delivered; choose a method'
        WHEN o.location_id IS NULL THEN 'it is not said where the order is made; choose a location'
        WHEN o.billing IS NULL THEN 'it is not said how the order is paid; choose a way'
        WHEN v_services NOT IN (0, v_lines) THEN 'goods and services are two orders; place one of each'
        WHEN (v_services > 0) <> (o.method = 'appointment') THEN
            'appointments are for services, and services for appointments; choose another method'
        WHEN o.method = 'appointment' AND o.due_at IS NULL THEN 'an appointment needs a time; choose one'
        WHEN o.method = 'appointment' AND o.due_at < clock_timestamp() THEN
            'that time is past; choose a later one'
        WHEN NOT billing_of_v1(o.customer_id) ? o.billing::text THEN
            'who has no account cannot order on account; choose another way to pay'
        WHEN o.billing = 'on_account' AND NOT is_proved_v1(o.call_id, o.customer_id) THEN
            'a number that was keyed proves nobody''s account; choose another way to pay' END;
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION '%', v_missing USING ERRCODE = 'CB055';
    END IF;
END $$;

-- CB057: the location does not take this order now. Hours are the caller's to look at: national holidays
-- are not in the database. Orders of one location are placed one after another, so that two do not both
-- take the last place.
CREATE FUNCTION check_location_v1(o sales_order, p_location integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    l location;
    v_without text;
    v_why text;
BEGIN
    SELECT * INTO STRICT l FROM location WHERE id = p_location FOR NO KEY UPDATE;
    SELECT string_agg(DISTINCT n.name, ', ') INTO v_without
    FROM order_line n JOIN location_without w ON w.product_id = n.product_id AND w.location_id = l.id
    WHERE n.order_id = o.id;
    v_why := CASE
        WHEN NOT l.active THEN 'is closed for good'
        WHEN l.paused_at IS NOT NULL THEN 'takes no orders now'
        WHEN NOT EXISTS (SELECT FROM location_method m WHERE m.location_id = l.id AND m.method = o.method)
            THEN 'does not serve by ' || replace(o.method::text, '_', '-')
        WHEN v_without IS NOT NULL THEN 'has no ' || v_without
        WHEN load_at_v1(l, o.due_at) >= l.max_open_orders THEN 'has as many orders as it can make' END;
    IF v_why IS NOT NULL THEN
        RAISE EXCEPTION '% %; choose another location', l.name, v_why USING ERRCODE = 'CB057';
    END IF;
END $$;

-- CB055: whose number is only typed has one order at a time, and three an hour: nobody fills a shop by forms.
-- An order that was changed, or is by this one, is none besides.
CREATE FUNCTION check_unproved_v1(o sales_order) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_open integer;
    v_lately integer;
BEGIN
    IF NOT EXISTS (SELECT FROM web_client w WHERE w.customer_id = o.customer_id AND NOT w.proved
                   AND 'web:' || w.visitor_id = o.held_by) THEN
        RETURN;
    END IF;
    -- Two tabs at once: the second waits here and then finds the order of the first.
    PERFORM pg_advisory_xact_lock(hashtext('unproved'), hashtext(o.customer_id::text));
    SELECT count(*) FILTER (WHERE x.state IN ('placed', 'accepted', 'ready')),
        count(*) FILTER (WHERE x.placed_at > clock_timestamp() - interval '1 hour')
    INTO v_open, v_lately
    FROM sales_order x
    WHERE x.customer_id = o.customer_id AND x.placed_at IS NOT NULL AND x.id IS DISTINCT FROM o.replaces
      AND NOT EXISTS (SELECT FROM sales_order r WHERE r.replaces = x.id AND r.placed_at IS NOT NULL);
    IF v_open > 0 OR v_lately >= 3 THEN
        RAISE EXCEPTION '%; call from your number, press 8, and link this browser to order more',
            CASE WHEN v_open > 0 THEN 'you have an order that is not fetched yet'
                ELSE 'you have placed three orders in an hour' END USING ERRCODE = 'CB055';
    END IF;
END $$;

-- When a location can have it ready, from now on: its lead time after it opens.
CREATE FUNCTION ready_at_v1(p_location integer, p_method delivery_method) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(location_opens_v1(p_location, clock_timestamp()), clock_timestamp())
        + make_interval(mins => coalesce((SELECT m.lead_minutes FROM location_method m
            WHERE m.location_id = p_location AND m.method = p_method), 0));
END $$;

-- Until when a location is to accept what it gets now; a closed one has from its opening on.
CREATE FUNCTION accept_by_v1(p_location integer) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(location_opens_v1(p_location, clock_timestamp()), clock_timestamp())
        + make_interval(mins => (SELECT l.accept_minutes FROM location l WHERE l.id = p_location));
END $$;

-- CB051: it costs something else than the client agreed to. The draft is as it was: the client is asked.
CREATE FUNCTION check_total_v1(o sales_order, p_agreed bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF o.total_cents IS DISTINCT FROM p_agreed THEN
        RAISE EXCEPTION 'the price has changed to % cents; ask again', o.total_cents
            USING ERRCODE = 'CB051', DETAIL = o.total_cents::text;
    END IF;
END $$;

-- Cancels the order that another one replaces, once: of two drafts that replace it only one can be placed.
-- Errors: those of cancel_order_v1; CB054 also when it is cancelled already; CB058 it is paid, and the client
-- would pay the new one in full while the old payment waits to be paid back.
CREATE FUNCTION replace_order_v1(p_replaced uuid, p_customer bigint, p_change_minutes integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    replaced sales_order := lock_order_v1(p_replaced);
BEGIN
    IF replaced.state = 'cancelled' AND replaced.customer_id = p_customer THEN
        RAISE EXCEPTION 'order % is cancelled and cannot be changed any more', replaced.number
            USING ERRCODE = 'CB054';
    ELSIF replaced.customer_id = p_customer AND is_paid_v1(p_replaced) THEN
        RAISE EXCEPTION 'order % is paid and cannot be changed; cancel it, which is paid back, and order anew',
            replaced.number USING ERRCODE = 'CB058';
    END IF;
    PERFORM cancel_order_v1(p_replaced, p_customer, p_change_minutes);
END $$;

-- What is in a basket, however it is said: {product and options: quantity}. Baskets that order the same goods
-- are equal, as in cordboard/orders/basket.py.
CREATE FUNCTION goods_v1(p_basket jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(same.what, same.quantity), '{}')
        FROM (
            SELECT concat_ws(' ', n ->> 'product', (
                    SELECT string_agg(option, ' ' ORDER BY option)
                    FROM jsonb_array_elements_text(n -> 'options') AS option)),
                sum((n -> 'quantity')::integer)
            FROM jsonb_array_elements(p_basket -> 'lines') AS n GROUP BY 1
        ) AS same (what, quantity));
END $$;

-- The draft's row with the suggestion as it counts: taken is what was ordered as it was suggested. An order
-- that changes another was suggested what that one was.
CREATE FUNCTION suggested_of_draft_v1(o sales_order) RETURNS sales_order LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.replaces IS NOT NULL THEN
        SELECT r.suggested, r.suggestion INTO STRICT o.suggested, o.suggestion
        FROM sales_order r WHERE r.id = o.replaces;
    END IF;
    IF o.suggestion IS NOT NULL
            AND goods_v1(o.suggested -> (o.suggestion - 1)) IS DISTINCT FROM goods_v1(basket_json_v1(o)) THEN
        o.suggestion := NULL;
    END IF;
    RETURN o;
END $$;

-- Places a draft (the keys of save_draft_v1, and total_cents: what the client agreed to), stored before
-- or not, and answers order_json_v1. Called again, it answers the order as it is. `replaces` is cancelled
-- in the same transaction, or nothing happens. Delivered is to the draft's address, or else to where the
-- client lives. A time that has passed becomes the earliest there is.
-- Errors: CB006, CB050, CB051, CB053, CB054 (abandoned, or `replaces` cannot be cancelled any more), CB055,
-- CB057, CB058 (`replaces` is paid).
CREATE FUNCTION place_order_v1(p jsonb, p_change_minutes integer DEFAULT 10) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    k customer := draft_customer_v1(p);
    o sales_order := begin_draft_v1(p, k);
    v_wanted timestamptz;
BEGIN
    IF o.placed_at IS NOT NULL THEN
        RETURN order_json_v1(o.id, p_change_minutes);
    END IF;
    o := write_draft_v1(p);
    PERFORM check_complete_v1(o);
    PERFORM check_total_v1(o, (p ->> 'total_cents')::bigint);
    IF o.replaces IS NOT NULL THEN
        PERFORM replace_order_v1(o.replaces, o.customer_id, p_change_minutes);
    END IF;
    PERFORM check_unproved_v1(o);
    PERFORM check_location_v1(o, o.location_id);
    v_wanted := o.due_at;
    o := suggested_of_draft_v1(o);
    IF o.method <> 'delivery' THEN
        o.street := NULL;
        o.city := NULL;
        o.postcode := NULL;
    ELSIF o.street IS NULL THEN
        o.street := k.street;
        o.city := k.city;
        o.postcode := k.postcode;
    END IF;
    UPDATE sales_order SET state = 'placed', placed_at = clock_timestamp(),
        due_at = CASE WHEN due_at > clock_timestamp() THEN due_at
            ELSE ready_at_v1(location_id, method) END,
        accept_by = accept_by_v1(location_id), held_by = NULL, held_until = NULL,
        street = o.street, city = o.city, postcode = o.postcode,
        suggested = o.suggested, suggestion = o.suggestion
    WHERE id = o.id RETURNING * INTO o;
    INSERT INTO purchase (customer_id, at, product, amount_cents, order_id)
    SELECT o.customer_id, o.placed_at, n.name, n.unit_cents::bigint * n.quantity, o.id
    FROM order_line n WHERE n.order_id = o.id ORDER BY n.line;
    PERFORM note_order_v1(o.id, 'order.placed', actor_of_v1(p ->> 'held_by'), jsonb_build_object(
        'location', (SELECT l.code FROM location l WHERE l.id = o.location_id),
        'total_cents', o.total_cents, 'due_at', iso_time_v1(o.due_at),
        'wanted_at', iso_time_v1(v_wanted), 'replaces', o.replaces));
    RETURN order_json_v1(o.id, p_change_minutes);
END $$;
