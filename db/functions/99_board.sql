-- A location's board: what it can do about itself, and news of orders for those who watch.

-- What the board shows of its location besides orders; null: there is none.
-- {id, code, name, street, city, timezone, paused_at|null, accept_minutes, max_open_orders, open_orders, subscriber{…},
-- products [{code, name, category, without}]}: what is withdrawn is left out.
CREATE FUNCTION board_location_v1(p_location integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('id', l.id, 'code', l.code, 'name', l.name, 'street', l.street,
            'city', l.city, 'timezone', l.timezone, 'paused_at', iso_time_v1(l.paused_at),
            'accept_minutes', l.accept_minutes, 'max_open_orders', l.max_open_orders,
            'open_orders', open_orders_v1(l), 'subscriber', shop_json_v1(l.subscriber_id),
            'products', coalesce((
                SELECT jsonb_agg(jsonb_build_object('code', p.code, 'name', p.name, 'category', g.name,
                    'without', w.product_id IS NOT NULL) ORDER BY g.sort, g.id, p.sort, p.id)
                FROM product p
                JOIN product_category g ON g.id = p.category_id
                LEFT JOIN location_without w ON w.product_id = p.id AND w.location_id = l.id
                WHERE p.subscriber_id = l.subscriber_id AND p.active), '[]'))
        FROM location l WHERE l.id = p_location);
END $$;

-- Writes down who did what at a location.
CREATE FUNCTION audit_location_v1(p_location integer, p_user integer, p_action text, p_data jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_entry (actor_id, action, entity, data)
    VALUES (p_user, p_action, 'location:' || p_location, p_data);
END $$;

-- The location takes no orders for now, or takes them again; what it has stays. Said again it changes
-- nothing. Answers board_location_v1.
CREATE FUNCTION pause_location_v1(p_location integer, p_paused boolean, p_user integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE location SET paused_at = CASE WHEN p_paused THEN clock_timestamp() END
    WHERE id = p_location AND (paused_at IS NOT NULL) <> p_paused;
    IF FOUND THEN
        PERFORM audit_location_v1(p_location, p_user,
            CASE WHEN p_paused THEN 'location.paused' ELSE 'location.resumed' END, '{}');
    END IF;
    RETURN board_location_v1(p_location);
END $$;

-- The location has run out of a product (its code), or has it again. Said again it changes nothing. Answers
-- board_location_v1. Error: CB055 there is no such product.
CREATE FUNCTION lack_product_v1(p_location integer, p_product text, p_without boolean, p_user integer)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_product integer := (
        SELECT p.id FROM product p JOIN location l ON l.subscriber_id = p.subscriber_id
        WHERE l.id = p_location AND p.code = p_product);
BEGIN
    IF v_product IS NULL THEN
        RAISE EXCEPTION 'there is no product % here; reload the page', left(p_product, 40)
            USING ERRCODE = 'CB055';
    END IF;
    IF p_without THEN
        INSERT INTO location_without (location_id, product_id) VALUES (p_location, v_product)
        ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM location_without WHERE location_id = p_location AND product_id = v_product;
    END IF;
    IF FOUND THEN
        PERFORM audit_location_v1(p_location, p_user, 'location.stock_changed',
            jsonb_build_object(p_product, CASE WHEN p_without THEN 'out' ELSE 'back' END));
    END IF;
    RETURN board_location_v1(p_location);
END $$;

-- An e-mail to the client of an order, once by its id; false: it was there, or the client has no address.
CREATE FUNCTION queue_message_v1(p_id uuid, p_order uuid, p_subject text, p_body text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (id, subscriber_id, customer_id, order_id, recipient, subject, body)
    SELECT p_id, o.subscriber_id, o.customer_id, o.id, k.email, p_subject, p_body
    FROM sales_order o JOIN customer k ON k.id = o.customer_id
    WHERE o.id = p_order AND k.email IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;
