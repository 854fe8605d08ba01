-- Who may be dialled, and who was not.

-- name: policy_facts
-- `number` is E.164 or null; `visitor`, `request` and `at` may be null.
SELECT policy_facts_v1(%(subscriber)s, %(number)s, %(visitor)s::uuid, %(request)s::uuid,
    %(at)s::timestamptz) AS facts

-- name: record_refusal
-- `reason` is the first of the reasons; `detail` (JSON) has all of them, with what the rules saw.
INSERT INTO policy_refusal (subscriber_id, request_id, visitor_id, number, reason, detail)
SELECT s.id, %(request)s::uuid, %(visitor)s::uuid, left(%(number)s, 40), %(reason)s, %(detail)s::jsonb
FROM subscriber s WHERE s.code = %(subscriber)s

-- name: time_zone
-- Where a subscriber is; no row: nobody has this code.
SELECT timezone FROM subscriber WHERE code = %(subscriber)s

-- name: subject_codes
-- What a subscriber's talk links may be about.
SELECT r.subject_code FROM routing_rule r JOIN subscriber s ON s.id = r.subscriber_id
WHERE s.code = %(subscriber)s AND r.active
ORDER BY r.subject_code

-- -- Secrets of subscribers

-- name: insert_secret
-- No row: nobody has this code.
INSERT INTO subscriber_secret (subscriber_id, label, secret_hash, signing_key)
SELECT id, %(label)s, %(secret_hash)s::bytea, %(signing_key)s::bytea
FROM subscriber WHERE code = %(subscriber)s
RETURNING id

-- name: secret_made_just_now
-- A row: this live secret of the subscriber was made in the last ten minutes.
SELECT x.id
FROM subscriber_secret x JOIN subscriber s ON s.id = x.subscriber_id
WHERE s.code = %(subscriber)s AND x.secret_hash = %(secret_hash)s::bytea AND x.revoked_at IS NULL
  AND x.created_at > now() - interval '10 minutes'

-- name: secrets_of
SELECT x.id, x.label, x.created_at, x.revoked_at
FROM subscriber_secret x JOIN subscriber s ON s.id = x.subscriber_id
WHERE s.code = %(subscriber)s
ORDER BY x.revoked_at IS NOT NULL, x.id DESC

-- name: revoke_secret
-- No row: there is no such live secret.
UPDATE subscriber_secret x SET revoked_at = now()
FROM subscriber s
WHERE s.id = x.subscriber_id AND s.code = %(subscriber)s AND x.id = %(id)s AND x.revoked_at IS NULL
RETURNING x.label

-- name: live_signing_keys
-- Sealed, the newest first.
SELECT x.signing_key
FROM subscriber_secret x JOIN subscriber s ON s.id = x.subscriber_id
WHERE s.code = %(subscriber)s AND x.revoked_at IS NULL
ORDER BY x.id DESC

-- -- Agents

-- name: set_pin
-- `pin_hash` is cordboard.identity.hash_pin(); the digits never come here.
WITH changed AS (
    UPDATE user_account SET pin_hash = %(pin_hash)s::bytea WHERE username = %(username)s
    RETURNING id, username
)
INSERT INTO audit_entry (actor_id, action, entity, data)
SELECT NULL, 'agent.pin_set', 'user:' || id, jsonb_build_object('username', username) FROM changed
