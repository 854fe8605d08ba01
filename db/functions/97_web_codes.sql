-- A code that is spoken in a call and typed on a page: the browser is that client's from then on.

-- Replaces the client's code; good for ten minutes and five tries. `p_hash`: keyed hash of the digits,
-- which are stored nowhere. CB006: the number is not the client's.
CREATE FUNCTION make_web_code_v1(p_customer bigint, p_number text, p_hash bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM customer_phone WHERE customer_id = p_customer AND number = p_number) THEN
        RAISE EXCEPTION 'the number is not that of client %', p_customer USING ERRCODE = 'CB006';
    END IF;
    DELETE FROM web_code WHERE expires_at < clock_timestamp();
    INSERT INTO web_code (customer_id, code_hash, number, expires_at)
    VALUES (p_customer, p_hash, p_number, clock_timestamp() + interval '10 minutes')
    ON CONFLICT (customer_id) DO UPDATE
        SET code_hash = excluded.code_hash, number = excluded.number, tries = 0,
            expires_at = excluded.expires_at;
END $$;

-- Answers {status, customer}: LINKED; WRONG; LOCKED after five wrong ones; NONE: no code of this number is
-- good now. A code works once, in a browser of the same subscriber. A wrong one counts against every code
-- of the number: nobody can say which was meant.
CREATE FUNCTION use_web_code_v1(p_visitor uuid, p_number text, p_hash bytea) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_subscriber integer := (SELECT subscriber_id FROM visitor_session WHERE id = p_visitor);
    v_ids bigint[];
    v_customer bigint;
BEGIN
    SELECT array_agg(found.customer_id) INTO v_ids
    FROM (SELECT w.customer_id FROM web_code w JOIN customer k ON k.id = w.customer_id
          WHERE w.number = p_number AND w.expires_at > clock_timestamp() AND k.subscriber_id = v_subscriber
          ORDER BY w.customer_id FOR UPDATE OF w) AS found;
    IF v_ids IS NULL THEN
        RETURN jsonb_build_object('status', 'NONE', 'customer', NULL);
    END IF;
    DELETE FROM web_code WHERE customer_id = (
        SELECT w.customer_id FROM web_code w
        WHERE w.customer_id = ANY (v_ids) AND w.tries < 5 AND w.code_hash = p_hash LIMIT 1)
    RETURNING customer_id INTO v_customer;
    IF v_customer IS NOT NULL THEN
        INSERT INTO web_client (visitor_id, customer_id, proved) VALUES (p_visitor, v_customer, true)
        ON CONFLICT (visitor_id) DO UPDATE
            SET customer_id = excluded.customer_id, proved = true, linked_at = clock_timestamp();
        RETURN jsonb_build_object('status', 'LINKED', 'customer', v_customer);
    END IF;
    UPDATE web_code SET tries = least(tries + 1, 5) WHERE customer_id = ANY (v_ids);
    RETURN jsonb_build_object('customer', NULL, 'status', CASE WHEN EXISTS (
        SELECT FROM web_code WHERE customer_id = ANY (v_ids) AND tries < 5) THEN 'WRONG' ELSE 'LOCKED' END);
END $$;
