-- What a client wants to be kept: automation or not, a place, a method, speed dials.

-- Makes the row that is changed next. CB006: nobody has this id.
CREATE FUNCTION begin_preference_v1(p_customer bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM customer WHERE id = p_customer) THEN
        RAISE EXCEPTION 'there is no client %', p_customer USING ERRCODE = 'CB006';
    END IF;
    INSERT INTO preference (customer_id) VALUES (p_customer) ON CONFLICT (customer_id) DO NOTHING;
END $$;

-- Whether this client's calls go straight to a person; zeros are counted anew. Answers preference_json_v1.
CREATE FUNCTION set_preference_v1(p_customer bigint, p_no_automation boolean, p_origin preference_origin)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM begin_preference_v1(p_customer);
    UPDATE preference SET no_automation = p_no_automation, zero_at_once = 0, updated_at = clock_timestamp(),
        no_automation_origin = CASE WHEN p_no_automation THEN p_origin END
    WHERE customer_id = p_customer;
    RETURN preference_json_v1(p_customer);
END $$;

-- 0 was the first key of a call, or was not. The third time in a row automation is off. Answers whether
-- it is off now.
CREATE FUNCTION count_zero_v1(p_customer bigint, p_at_once boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v preference;
BEGIN
    PERFORM begin_preference_v1(p_customer);
    UPDATE preference SET zero_at_once = CASE WHEN p_at_once THEN least(zero_at_once + 1, 100) ELSE 0 END,
        updated_at = clock_timestamp()
    WHERE customer_id = p_customer RETURNING * INTO v;
    IF v.zero_at_once >= 3 AND NOT v.no_automation THEN
        PERFORM set_preference_v1(p_customer, true, 'learned');
        RETURN true;
    END IF;
    RETURN v.no_automation;
END $$;

-- The client's own location (code) and method; null is none. CB055: no such location.
CREATE FUNCTION prefer_place_v1(p_customer bigint, p_location text, p_method delivery_method)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM begin_preference_v1(p_customer);
    UPDATE preference SET method = p_method, updated_at = clock_timestamp(), location_id = location_of_code_v1(
        (SELECT k.subscriber_id FROM customer k WHERE k.id = p_customer), p_location)
    WHERE customer_id = p_customer;
    RETURN preference_json_v1(p_customer);
END $$;

-- What *1 to *99 order; a null basket takes the digits back. Answers the client's speed dials.
-- Errors: CB006; CB055 other digits, or a basket with nothing in it.
CREATE FUNCTION assign_speed_dial_v1(p_customer bigint, p_digits integer, p_name text, p_basket jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM customer WHERE id = p_customer) THEN
        RAISE EXCEPTION 'there is no client %', p_customer USING ERRCODE = 'CB006';
    ELSIF p_digits IS NULL OR p_digits NOT BETWEEN 1 AND 99 THEN
        RAISE EXCEPTION 'speed dials are *1 to *99' USING ERRCODE = 'CB055';
    ELSIF p_basket IS NULL THEN
        DELETE FROM speed_dial WHERE customer_id = p_customer AND digits = p_digits;
    ELSIF coalesce(jsonb_typeof(p_basket -> 'lines') <> 'array', true) OR p_basket -> 'lines' = '[]' THEN
        RAISE EXCEPTION 'nothing is in the order; choose something first' USING ERRCODE = 'CB055';
    ELSE
        INSERT INTO speed_dial (customer_id, digits, name, basket)
        VALUES (p_customer, p_digits, p_name, p_basket)
        ON CONFLICT (customer_id, digits) DO UPDATE
            SET name = excluded.name, basket = excluded.basket, updated_at = clock_timestamp();
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('digits', d.digits, 'name', d.name, 'basket', d.basket)
            ORDER BY d.digits), '[]')
        FROM speed_dial d WHERE d.customer_id = p_customer);
END $$;
