-- What the public API asks.

-- name: business_secrets
-- The live secrets of a business, with whose they are; both columns are secret.
SELECT s.id, s.code::text AS code, s.name::text AS name, s.timezone, k.label::text AS label,
       k.secret_hash, k.signing_key
FROM subscriber s JOIN subscriber_secret k ON k.subscriber_id = s.id AND k.revoked_at IS NULL
WHERE s.code = %(business)s::text
ORDER BY k.id

-- name: api_request
SELECT find_request_v1(%(subscriber)s, %(request)s) AS request

-- name: api_request_by_key
SELECT public_request_v1(r) AS request FROM call_request r
WHERE r.subscriber_id = %(subscriber)s AND r.source = 'api' AND r.idempotency_key = %(key)s

-- name: api_requests
SELECT list_requests_v1(%(subscriber)s, %(state)s, %(since)s::timestamptz,
    %(before)s::uuid, %(limit)s) AS request

-- name: usage_statement
-- `subscriber` null: all of them.
SELECT * FROM usage_statement_v1(%(month)s::date, %(subscriber)s::integer)

-- name: usage_lines
SELECT id, call_id, channel, role::text AS role, party, answered, ended, seconds, billed_seconds,
       cents_per_minute, amount_cents
FROM usage_lines_v1(%(subscriber)s, %(month)s::date, %(after)s, %(limit)s)

-- name: apply_missing_usage
SELECT apply_missing_usage_v1(%(since)s::timestamptz) AS made

-- name: subscriber_by_code
SELECT id, code::text AS code, name::text AS name, timezone FROM subscriber
WHERE code = %(code)s::text

-- name: usage_of_call
-- The legs of a call, each with its usage line if it has one.
SELECT l.channel, l.role::text AS role, l.party, l.started, l.answered, l.ended, l.cause,
       u.id AS line, u.party AS rated, u.seconds, u.billed_seconds, u.cents_per_minute,
       u.amount_cents, s.code::text AS subscriber
FROM call_leg l LEFT JOIN usage_line u ON u.call_id = l.call_id AND u.channel = l.channel
LEFT JOIN call c ON c.id = l.call_id LEFT JOIN subscriber s ON s.id = c.subscriber_id
WHERE l.call_id = %(call)s
ORDER BY l.started, l.channel
