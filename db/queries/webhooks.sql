-- Webhooks: see db/functions/83_webhooks.sql.

-- name: claim_webhooks
-- `limit`: of them; `each`: of one subscriber, with what is under way.
SELECT * FROM claim_webhooks_v1(%(lease_s)s, %(limit)s, %(each)s)

-- name: end_webhook_try
SELECT end_webhook_try_v1(%(delivery)s, %(attempt)s::integer, %(status)s::integer, %(error)s,
    %(retry_s)s::integer) AS noted

-- name: replay_webhook
-- `actor` null: the command line. Errors: UnknownDelivery, DeliveryNotDead.
SELECT replay_webhook_v1(%(delivery)s, %(actor)s)

-- name: webhook_deliveries
-- The latest, of a state and a subscriber when they are given (null: of all).
SELECT d.id, s.code::text AS subscriber, s.name::text AS name, d.event, d.state::text AS state,
       d.attempts, d.due_at, d.last_status, d.last_error, d.created_at, d.delivered_at
FROM webhook_delivery d JOIN subscriber s ON s.id = d.subscriber_id
WHERE (%(state)s::text IS NULL OR d.state::text = %(state)s)
  AND (%(subscriber)s::text IS NULL OR s.code = %(subscriber)s)
ORDER BY d.created_at DESC, d.id LIMIT %(limit)s

-- name: webhook_endpoints
-- Every subscriber, with where its events go and how they fare.
SELECT s.code::text AS subscriber, s.name::text AS name, e.url, e.active,
       count(d.id) FILTER (WHERE d.state = 'waiting') AS waiting,
       count(d.id) FILTER (WHERE d.state = 'dead') AS dead,
       count(d.id) FILTER (WHERE d.state = 'delivered') AS delivered,
       max(d.delivered_at) AS last_delivered
FROM subscriber s
LEFT JOIN webhook_endpoint e ON e.subscriber_id = s.id
LEFT JOIN webhook_delivery d ON d.subscriber_id = s.id
GROUP BY s.id, e.subscriber_id ORDER BY s.name

-- name: set_webhook_endpoint
-- Where a subscriber's events go from now on; `key` is sealed. No row: no such subscriber.
INSERT INTO webhook_endpoint (subscriber_id, url, signing_key, active)
SELECT id, %(url)s, %(key)s, true FROM subscriber WHERE code = %(subscriber)s
ON CONFLICT (subscriber_id) DO UPDATE
    SET url = excluded.url, signing_key = excluded.signing_key, active = true
RETURNING subscriber_id

-- name: stop_webhook_endpoint
UPDATE webhook_endpoint SET active = false
WHERE subscriber_id = (SELECT id FROM subscriber WHERE code = %(subscriber)s)
RETURNING subscriber_id
