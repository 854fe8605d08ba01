-- What the client's own pages need besides: enrolment in a browser, payment by a link, e-mail.

-- Enrols by a form and links the browser to the new client, whose number nothing speaks for yet. Keys of `p`
-- and errors as enrol_client_v1; answers what that answers, and `linked`. False: the browser is another
-- client's, and stays so.
CREATE FUNCTION enrol_web_client_v1(p_visitor uuid, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_enrolled jsonb := enrol_client_v1(p || '{"source": "web", "call": null}');
BEGIN
    INSERT INTO web_client (visitor_id, customer_id, proved)
    VALUES (p_visitor, (v_enrolled ->> 'customer')::bigint, false)
    ON CONFLICT (visitor_id) DO NOTHING;
    RETURN v_enrolled || jsonb_build_object('linked', EXISTS (
        SELECT FROM web_client
        WHERE visitor_id = p_visitor AND customer_id = (v_enrolled ->> 'customer')::bigint));
END $$;

-- -- Payment. The provider alone sees a card; here are an amount and what became of it.

-- The payment of an order that is to be paid by a link, made once: {id, amount_cents, state}. Null: nothing
-- is to be paid: it costs nothing, it is paid otherwise, or it is a draft, cancelled or unknown.
CREATE FUNCTION open_payment_v1(p_order uuid, p_provider text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payment_link (id, order_id, provider, amount_cents)
    SELECT gen_random_uuid(), o.id, p_provider, o.total_cents FROM sales_order o
    WHERE o.id = p_order AND o.billing = 'payment_link' AND o.total_cents > 0
      AND o.state IN ('placed', 'accepted', 'ready', 'handed_over')
    ON CONFLICT (order_id) DO NOTHING;
    RETURN (SELECT jsonb_build_object('id', m.id, 'amount_cents', m.amount_cents, 'state', m.state)
            FROM payment_link m JOIN sales_order o ON o.id = m.order_id
            WHERE m.order_id = p_order AND o.state <> 'cancelled');
END $$;

-- The provider says what became of a payment (`paid`, `declined`), once or often; answers {order, state}.
-- What is paid stays so. Paid after the order was cancelled it is kept too, and is owed.
-- Errors: CB053 no such payment of this provider; CB055 another amount.
CREATE FUNCTION settle_payment_v1(
    p_payment uuid, p_provider text, p_state text, p_amount_cents bigint, p_reference text
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    m payment_link;
    v_order sales_order;
BEGIN
    SELECT * INTO m FROM payment_link WHERE id = p_payment AND provider = p_provider;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no payment % by %', p_payment, p_provider USING ERRCODE = 'CB053';
    ELSIF m.amount_cents <> p_amount_cents THEN
        RAISE EXCEPTION 'payment % is of % cents, not of %', p_payment, m.amount_cents, p_amount_cents
            USING ERRCODE = 'CB055';
    END IF;
    -- The order first, as everywhere; its page and board hear of it.
    v_order := lock_order_v1(m.order_id);
    UPDATE payment_link SET state = p_state, reference = left(p_reference, 200),
        paid_at = CASE WHEN p_state = 'paid' THEN clock_timestamp() END
    WHERE id = m.id AND state <> 'paid' AND state <> p_state AND (p_state = 'paid' OR state <> 'void')
    RETURNING * INTO m;
    IF FOUND THEN
        UPDATE sales_order SET version = version WHERE id = m.order_id;
        PERFORM note_order_v1(m.order_id,
            CASE WHEN p_state = 'paid' THEN 'order.paid' ELSE 'order.payment_declined' END, 'system',
            jsonb_build_object('amount_cents', m.amount_cents));
        IF v_order.state = 'cancelled' THEN
            PERFORM owe_payment_v1(v_order.id);
        END IF;
    END IF;
    RETURN (SELECT jsonb_build_object('order', x.order_id, 'state', x.state)
            FROM payment_link x WHERE x.id = p_payment);
END $$;

-- -- E-mail

-- What is due, leased to one worker for so long; a worker that dies leaves it to the others.
CREATE FUNCTION claim_mails_v1(p_lease_s integer, p_limit integer) RETURNS SETOF outbox
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    UPDATE outbox x SET attempts = x.attempts + 1,
        next_at = clock_timestamp() + make_interval(secs => p_lease_s)
    WHERE x.id IN (
        SELECT m.id FROM outbox m WHERE m.state = 'waiting' AND m.next_at <= clock_timestamp()
        ORDER BY m.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
    RETURNING x.*;
END $$;

-- How a try ended: no error, sent; else again in so many seconds, or (null) never. A try that another has
-- overtaken says nothing any more, unless it was sent.
CREATE FUNCTION end_mail_try_v1(p_id uuid, p_attempt integer, p_error text, p_retry_s integer)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE outbox SET last_error = left(p_error, 500),
        state = CASE WHEN p_error IS NULL THEN 'sent' WHEN p_retry_s IS NULL THEN 'failed' ELSE 'waiting' END,
        sent_at = CASE WHEN p_error IS NULL THEN clock_timestamp() END,
        next_at = clock_timestamp() + make_interval(secs => coalesce(p_retry_s, 0))
    WHERE id = p_id AND state = 'waiting' AND (attempts = p_attempt OR p_error IS NULL);
    RETURN FOUND;
END $$;

-- A failed e-mail is tried again from the beginning; false: it has not failed.
CREATE FUNCTION retry_mail_v1(p_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE outbox SET state = 'waiting', attempts = 0, next_at = clock_timestamp(), last_error = NULL
    WHERE id = p_id AND state = 'failed';
    RETURN FOUND;
END $$;
