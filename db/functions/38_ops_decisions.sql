-- Deciding, as ops look at it.

-- Customers of a subscriber by what people type: code, account number, telephone number (E.164, or empty),
-- or the beginning of a name.
CREATE FUNCTION find_customers_v1(p_subscriber integer, p_text text, p_phone text)
RETURNS TABLE (code text, name text, city text, segment text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_prefix text := lower(btrim(p_text));
    -- Above every text that begins with the prefix, in byte order.
    v_above text := v_prefix || chr(1114111);
    v_ids bigint[];
BEGIN
    v_ids := ARRAY(
        (SELECT c.id FROM customer c WHERE c.subscriber_id = p_subscriber AND c.code = upper(btrim(p_text)))
        UNION
        (SELECT a.customer_id FROM account a
         WHERE a.subscriber_id = p_subscriber AND a.number = btrim(p_text))
        UNION
        (SELECT c.id FROM customer_phone p JOIN customer c ON c.id = p.customer_id
         WHERE p.number = p_phone AND c.subscriber_id = p_subscriber LIMIT 20)
        UNION
        (SELECT c.id FROM customer c WHERE c.subscriber_id = p_subscriber
         AND lower(c.last_name) ~>=~ v_prefix AND lower(c.last_name) ~<~ v_above
         ORDER BY lower(c.last_name) USING ~<~, c.id LIMIT 20)
        UNION
        (SELECT c.id FROM customer c WHERE c.subscriber_id = p_subscriber
         AND lower(c.first_name || ' ' || c.last_name) ~>=~ v_prefix
         AND lower(c.first_name || ' ' || c.last_name) ~<~ v_above
         ORDER BY lower(c.first_name || ' ' || c.last_name) USING ~<~, c.id LIMIT 20));
    RETURN QUERY
    SELECT c.code::text, c.first_name || ' ' || c.last_name, c.city::text, c.segment::text
    FROM customer c WHERE c.id = ANY (v_ids)
    ORDER BY c.last_name, c.first_name, c.id LIMIT 20;
END $$;
