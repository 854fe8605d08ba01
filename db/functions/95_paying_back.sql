-- What was paid for an order that is cancelled: an agent takes it, pays it back at the provider, and says so.
--
-- It is taken first, since two who pay it back at once pay it twice.

-- Payments that a person has to pay back, longest owed first: orders (order_json_v1), and `taken`:
-- {by, name, until, over} of the agent who took it, or null. `over`: another may take it by now.
CREATE FUNCTION owed_orders_v1(p_subscriber integer, p_limit integer) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
    RETURN QUERY
    SELECT order_json_v1(o.id) || jsonb_build_object('taken', (
        SELECT jsonb_build_object('by', u.id, 'name', u.display_name, 'until', iso_time_v1(m.claimed_until),
            'over', m.claimed_until <= clock_timestamp())
        FROM user_account u WHERE u.id = m.claimed_by))
    FROM payment_link m JOIN sales_order o ON o.id = m.order_id
    WHERE m.owed_at IS NOT NULL AND m.repaid_at IS NULL AND o.subscriber_id = p_subscriber
    ORDER BY m.owed_at, m.id LIMIT p_limit;
END $$;

-- The payment, its order locked, for an agent. Errors: CB053; CB054 nothing is owed; CB059 another agent has
-- it, or has paid it back.
CREATE FUNCTION lock_owed_v1(p_order uuid, p_agent integer) RETURNS payment_link LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := lock_order_v1(p_order);
    m payment_link;
BEGIN
    SELECT * INTO m FROM payment_link WHERE order_id = p_order AND owed_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing of order % is to be paid back', o.number USING ERRCODE = 'CB054';
    ELSIF m.repaid_by <> p_agent THEN
        RAISE EXCEPTION '% paid it back at %; ask there if you have too', user_name_v1(m.repaid_by),
            shop_time_v1(o.subscriber_id, m.repaid_at) USING ERRCODE = 'CB059';
    ELSIF m.claimed_by <> p_agent AND m.claimed_until > clock_timestamp() THEN
        RAISE EXCEPTION '% has taken it to pay it back until %; ask there before you do',
            user_name_v1(m.claimed_by), shop_time_v1(o.subscriber_id, m.claimed_until) USING ERRCODE = 'CB059';
    END IF;
    RETURN m;
END $$;

CREATE FUNCTION user_name_v1(p_user integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT u.display_name FROM user_account u WHERE u.id = p_user);
END $$;

-- A moment as people of the company read it: 2:05 PM on Nov 25.
CREATE FUNCTION shop_time_v1(p_subscriber integer, p_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT to_char(p_at AT TIME ZONE s.timezone, 'FMHH12:MI AM "on" Mon FMDD')
            FROM subscriber s WHERE s.id = p_subscriber);
END $$;

-- An agent takes it for half an hour from now, which is longer than a provider's page takes; again: from then
-- on. Answers order_json_v1. Errors: those of lock_owed_v1; CB059 also when the agent has paid it back.
CREATE FUNCTION claim_owed_v1(p_order uuid, p_agent integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    m payment_link := lock_owed_v1(p_order, p_agent);
BEGIN
    IF m.repaid_at IS NOT NULL THEN
        RAISE EXCEPTION '% paid it back already', user_name_v1(p_agent) USING ERRCODE = 'CB059';
    END IF;
    UPDATE payment_link SET claimed_by = p_agent, claimed_until = clock_timestamp() + interval '30 minutes'
    WHERE id = m.id;
    RETURN order_json_v1(p_order);
END $$;

-- The agent who took it says that the money is back at the client's, once, audited; answers order_json_v1.
-- Said again it answers the same. Errors: those of lock_owed_v1; CB059 also when the agent did not take it.
CREATE FUNCTION pay_back_v1(p_order uuid, p_user integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    m payment_link := lock_owed_v1(p_order, p_user);
BEGIN
    IF m.repaid_at IS NULL AND m.claimed_by IS DISTINCT FROM p_user THEN
        RAISE EXCEPTION 'it is not yours to pay back; take it first' USING ERRCODE = 'CB059';
    ELSIF m.repaid_at IS NULL THEN
        UPDATE payment_link SET repaid_at = clock_timestamp(), repaid_by = p_user, claimed_by = NULL,
            claimed_until = NULL
        WHERE id = m.id;
        UPDATE sales_order SET version = version WHERE id = p_order;
        PERFORM note_order_v1(p_order, 'order.paid_back', 'user:' || p_user,
            jsonb_build_object('amount_cents', m.amount_cents));
        INSERT INTO audit_entry (actor_id, action, entity, data)
        SELECT p_user, 'order.paid_back', 'order:' || p_order, jsonb_build_object('number', o.number,
            'amount_cents', m.amount_cents, 'provider', m.provider, 'reference', m.reference)
        FROM sales_order o WHERE o.id = p_order;
    END IF;
    RETURN order_json_v1(p_order);
END $$;
