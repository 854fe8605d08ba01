-- What nobody needs any more is forgotten when it is older than so many days: at most so many rows of a kind
-- at once, each kind in a statement of its own, so that a slow one undoes nothing of the others. Each looks
-- along an index, however much is kept. Dead letters to a subscriber's server stay: they can be replayed.

-- name: forget_webhooks
-- Deliveries that arrived.
DELETE FROM webhook_delivery WHERE id IN (
    SELECT d.id FROM webhook_delivery d
    WHERE d.state = 'delivered' AND d.delivered_at < now() - make_interval(days => %(days)s::integer)
    ORDER BY d.delivered_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)

-- name: forget_refusals
-- Only the oldest rows are looked at, so that nothing to do costs nothing.
DELETE FROM policy_refusal WHERE at < now() - make_interval(days => %(days)s::integer) AND id IN (
    SELECT r.id FROM policy_refusal r ORDER BY r.id LIMIT %(limit)s)

-- name: forget_timelines
-- Timelines of requests that are over; of the oldest rows, as above.
DELETE FROM request_event WHERE id IN (
    SELECT e.id
    FROM (SELECT o.id, o.request_id FROM request_event o ORDER BY o.id LIMIT %(limit)s) e
    JOIN call_request q ON q.id = e.request_id
    WHERE q.ended_at < now() - make_interval(days => %(days)s::integer))

-- name: forget_offer_lists
-- Lists of offers outside calls of which nothing was opened. A visit of the last 30 days is known by its list.
DELETE FROM decision WHERE id IN (
    SELECT d.id FROM decision d
    WHERE d.call_id IS NULL AND d.at < now() - make_interval(days => greatest(%(days)s::integer, 31))
      AND NOT EXISTS (SELECT FROM exposure x WHERE x.decision_id = d.id AND x.call_id IS NULL)
    ORDER BY d.at LIMIT %(limit)s)

-- name: forget_sent_mails
DELETE FROM outbox WHERE id IN (
    SELECT m.id FROM outbox m
    WHERE m.state = 'sent' AND m.sent_at < now() - make_interval(days => %(days)s::integer)
    ORDER BY m.sent_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)

-- name: forget_failed_mails
DELETE FROM outbox WHERE id IN (
    SELECT m.id FROM outbox m
    WHERE m.state = 'failed' AND m.next_at < now() - make_interval(days => %(days)s::integer)
    ORDER BY m.next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)

-- name: forget_drafts
-- Half-made orders that were given up, with what hangs on them. A draft may say that it replaces whatever it
-- likes.
DELETE FROM sales_order WHERE id IN (
    SELECT o.id FROM sales_order o
    WHERE o.state = 'abandoned' AND o.ended_at < now() - make_interval(days => %(days)s::integer)
      AND NOT EXISTS (SELECT FROM sales_order x WHERE x.replaces = o.id)
    ORDER BY o.ended_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
