-- What nobody needs any more is forgotten, a bounded part at a time.

-- Deletes webhook deliveries that arrived, e-mails that were sent or failed, half-made orders that were given
-- up, refusals, timelines of requests that are over, and lists of offers outside calls of which nothing was
-- opened, when they are older than so many days: at most so many of each. Answers how many went. Dead
-- letters to a subscriber's server stay: they can be replayed. Of refusals and timelines only the oldest rows
-- are looked at, so that a call with nothing to do costs nothing, however much is kept.
CREATE FUNCTION forget_old_v1(p_days integer, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_before timestamptz := now() - make_interval(days => p_days);
    v_count integer;
    v_sum integer := 0;
BEGIN
    DELETE FROM webhook_delivery WHERE id IN (
        SELECT d.id FROM webhook_delivery d
        WHERE d.state = 'delivered' AND d.delivered_at < v_before
        ORDER BY d.delivered_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_sum := v_sum + v_count;

    DELETE FROM policy_refusal WHERE at < v_before AND id IN (
        SELECT r.id FROM policy_refusal r ORDER BY r.id LIMIT p_limit);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_sum := v_sum + v_count;

    DELETE FROM request_event WHERE id IN (
        SELECT e.id
        FROM (SELECT o.id, o.request_id FROM request_event o ORDER BY o.id LIMIT p_limit) e
        JOIN call_request q ON q.id = e.request_id
        WHERE q.ended_at < v_before);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_sum := v_sum + v_count;

    -- A visit of the last 30 days is known by its list.
    DELETE FROM decision WHERE id IN (
        SELECT d.id FROM decision d
        WHERE d.call_id IS NULL AND d.at < least(v_before, now() - interval '31 days')
          AND NOT EXISTS (SELECT FROM exposure x WHERE x.decision_id = d.id AND x.call_id IS NULL)
        ORDER BY d.at LIMIT p_limit);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_sum := v_sum + v_count;

    DELETE FROM outbox WHERE id IN (
        SELECT m.id FROM outbox m WHERE m.state = 'sent' AND m.sent_at < v_before
        ORDER BY m.sent_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_sum := v_sum + v_count;

    DELETE FROM outbox WHERE id IN (
        SELECT m.id FROM outbox m WHERE m.state = 'failed' AND m.next_at < v_before
        ORDER BY m.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_sum := v_sum + v_count;

    DELETE FROM sales_order WHERE id IN (
        SELECT o.id FROM sales_order o
        WHERE o.state = 'abandoned' AND o.ended_at < v_before
          -- A draft may say that it replaces whatever it likes.
          AND NOT EXISTS (SELECT FROM sales_order x WHERE x.replaces = o.id)
        ORDER BY o.ended_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_sum + v_count;
END $$;
