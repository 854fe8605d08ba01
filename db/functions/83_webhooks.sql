-- Webhooks: events on their way to a subscriber's own server, at least once each.
-- Errors: CB030 there is no such delivery; CB031 it is not dead, so there is nothing to replay.

-- Queues an event for a subscriber; answers the delivery's id, null when nobody listens.
--
-- p_event    `entity.past_verb`, as docs/webhooks.md lists them
-- p_payload  what the receiver gets as `data`
-- p_id       makes a repeated event count once; the receiver sees it as the event's id
CREATE FUNCTION queue_webhook_v1(
    p_subscriber integer, p_event text, p_payload jsonb, p_id uuid DEFAULT gen_random_uuid()
) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_delivery (id, subscriber_id, event, payload)
    SELECT p_id, p_subscriber, p_event, p_payload FROM webhook_endpoint
    WHERE subscriber_id = p_subscriber AND active
    ON CONFLICT (id) DO NOTHING;
    RETURN CASE WHEN EXISTS (SELECT FROM webhook_delivery WHERE id = p_id) THEN p_id END;
END $$;

-- Due deliveries, leased to who asks: several may ask at once. At most p_each of a subscriber are
-- under way, so that one whose server is slow does not hold up the others.
CREATE FUNCTION claim_webhooks_v1(p_lease_seconds integer, p_limit integer, p_each integer)
RETURNS TABLE (id uuid, event text, payload jsonb, attempts smallint, created_at timestamptz,
    subscriber text, url text, signing_key bytea) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    UPDATE webhook_delivery d SET state = 'dead', lease_until = NULL,
        last_error = 'the subscriber has no active webhook endpoint'
    WHERE d.state = 'waiting' AND d.due_at <= now() AND NOT EXISTS (
        SELECT FROM webhook_endpoint e WHERE e.subscriber_id = d.subscriber_id AND e.active);
    RETURN QUERY
    WITH due AS (
        SELECT w.id, w.due_at FROM (
            SELECT d.id, d.due_at,
                row_number() OVER (PARTITION BY d.subscriber_id ORDER BY d.due_at, d.id)
                    + (SELECT count(*) FROM webhook_delivery l
                       WHERE l.subscriber_id = d.subscriber_id AND l.state = 'waiting'
                         AND l.lease_until > now()) AS place
            FROM webhook_delivery d
            WHERE d.state = 'waiting' AND d.due_at <= now()
                AND (d.lease_until IS NULL OR d.lease_until <= now())) w
        WHERE w.place <= p_each ORDER BY w.due_at, w.id LIMIT p_limit
    ), locked AS (
        -- Looked at again under the lock: another may have taken it meanwhile.
        SELECT d.id FROM webhook_delivery d
        WHERE d.id IN (SELECT due.id FROM due) AND d.state = 'waiting' AND d.due_at <= now()
            AND (d.lease_until IS NULL OR d.lease_until <= now())
        FOR UPDATE SKIP LOCKED)
    UPDATE webhook_delivery d
    SET attempts = d.attempts + 1, lease_until = now() + make_interval(secs => p_lease_seconds)
    FROM webhook_endpoint e, subscriber s
    WHERE d.id IN (SELECT locked.id FROM locked) AND e.subscriber_id = d.subscriber_id
        AND s.id = d.subscriber_id
    RETURNING d.id, d.event, d.payload, d.attempts, d.created_at, s.code::text, e.url, e.signing_key;
END $$;

-- How a try ended. p_retry_seconds null: delivered when p_error is null, dead otherwise. A try whose
-- lease went to somebody else says nothing any more (false).
CREATE FUNCTION end_webhook_try_v1(
    p_delivery uuid, p_attempt integer, p_status integer, p_error text, p_retry_seconds integer
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE webhook_delivery SET
        state = CASE WHEN p_error IS NULL THEN 'delivered' WHEN p_retry_seconds IS NULL THEN 'dead'
            ELSE 'waiting' END::delivery_state,
        due_at = CASE WHEN p_error IS NULL THEN due_at
            ELSE now() + make_interval(secs => coalesce(p_retry_seconds, 0)) END,
        delivered_at = CASE WHEN p_error IS NULL THEN now() END,
        lease_until = NULL, last_status = p_status, last_error = left(p_error, 300)
    WHERE id = p_delivery AND state = 'waiting' AND attempts = p_attempt;
    RETURN FOUND;
END $$;

-- A dead delivery is tried again from the beginning; p_actor is who wanted it, null for the CLI.
CREATE FUNCTION replay_webhook_v1(p_delivery uuid, p_actor integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_row webhook_delivery;
BEGIN
    SELECT * INTO v_row FROM webhook_delivery WHERE id = p_delivery FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no webhook delivery %', p_delivery USING ERRCODE = 'CB030';
    END IF;
    IF v_row.state <> 'dead' THEN
        RAISE EXCEPTION 'webhook delivery % is %, not dead: there is nothing to replay',
            p_delivery, v_row.state USING ERRCODE = 'CB031';
    END IF;
    UPDATE webhook_delivery SET state = 'waiting', attempts = 0, due_at = now(), lease_until = NULL
    WHERE id = p_delivery;
    INSERT INTO audit_entry (actor_id, action, entity, data)
    VALUES (p_actor, 'webhook.replayed', 'webhook_delivery:' || p_delivery, jsonb_build_object(
        'event', v_row.event, 'attempts', v_row.attempts, 'error', v_row.last_error));
END $$;
