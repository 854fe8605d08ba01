-- What call control asks.

-- name: call_card
SELECT call_card_v1(%(call)s) AS card

-- name: call_card_for_group
-- The card of a call that a menu has led to another group than its number's; `group` may be null.
SELECT call_card_v1(%(call)s, %(group)s) AS card

-- name: open_callback
-- The row of a call that is to be made, by its attempt, and its whole card; null without an attempt.
SELECT open_callback_v1(%(call)s) AS card

-- name: callback_attempt
-- The attempt that a call is, as it was handed over; null without one.
SELECT attempt_json_v1(%(call)s) AS attempt

-- name: request_taken_back
-- Whether the request behind a call was cancelled; no row for a call that is no attempt.
SELECT q.state = 'cancelled' AS taken_back
FROM callback_attempt a JOIN call_request q ON q.id = a.request_id WHERE a.id = %(call)s

-- name: call_outcome
-- How a call ended that others have closed; no row while it is open.
SELECT outcome::text AS outcome FROM call WHERE id = %(call)s AND state = 'ended'

-- name: apply_journal
-- `entries`: JSON array, each with its stream id in `id`. Answers how many were passed over.
SELECT apply_journal_v1(%(entries)s::jsonb) AS failed

-- name: agent_directory
-- Everybody who can take calls; groups {code: level}, skills {skill: level}.
SELECT u.id, u.username, u.display_name AS name, d.sip_username AS device, d.number,
       (SELECT jsonb_object_agg(g.code, m.level) FROM group_member m
        JOIN agent_group g ON g.id = m.group_id WHERE m.user_id = u.id) AS groups,
       coalesce((SELECT jsonb_object_agg(k.skill, k.level) FROM agent_skill k
                 WHERE k.user_id = u.id), '{}') AS skills
FROM user_account u
LEFT JOIN phone_device d ON d.user_id = u.id
WHERE u.active AND EXISTS (SELECT FROM group_member m WHERE m.user_id = u.id)
ORDER BY u.id

-- name: agent_pins
-- Hashes of the PINs by which agents sign on; secret.
SELECT id, pin_hash FROM user_account WHERE active AND pin_hash IS NOT NULL

-- name: phone_devices
-- SIP accounts of active users, for Asterisk; `ha1` is a secret. Who is called at a number has none.
SELECT d.sip_username, d.ha1, u.id AS agent, u.username, u.display_name AS name
FROM phone_device d JOIN user_account u ON u.id = d.user_id
WHERE u.active AND d.sip_username IS NOT NULL
ORDER BY d.sip_username

-- name: group_settings
SELECT g.id, g.code, g.name, s.code AS subscriber, s.name AS subscriber_name, g.wrapup_seconds,
       g.ring_seconds, g.max_waiting, g.max_wait_seconds, g.disposition_required,
       g.relax_skills_after_seconds, g.announce_every_seconds, g.offer_callback_after_seconds,
       -- Callers who leave the queue to be called back are called about this subject.
       (SELECT min(u.subject_code) FROM routing_rule u
        WHERE u.group_id = g.id AND u.active AND u.subject_code LIKE 'CALLBACK%%') AS callback_subject
FROM agent_group g JOIN subscriber s ON s.id = g.subscriber_id
ORDER BY g.code

-- name: close_stale_calls
-- Ends calls older than `older` (an interval) that are not among `live` (array of ids).
SELECT close_stale_calls_v1(%(older)s::interval, %(live)s::uuid[]) AS closed

-- name: handle_times
-- Mean seconds from answer to end by group, of the last `hours` hours.
SELECT g.code, avg(extract(epoch FROM c.ended - c.answered))::float8 AS mean_s, count(*) AS calls
FROM call c JOIN agent_group g ON g.id = c.group_id
WHERE c.answered IS NOT NULL AND c.ended IS NOT NULL
  AND c.started > now() - make_interval(hours => %(hours)s)
GROUP BY g.code

-- name: lines
-- Numbers that callers dial, with whom they reach: for calls that come in while the database is away.
SELECT d.number, s.code AS subscriber, s.name AS subscriber_name, g.code AS queue, g.name AS queue_name
FROM did d JOIN subscriber s ON s.id = d.subscriber_id JOIN agent_group g ON g.id = d.group_id
ORDER BY d.number

-- name: active_pages
-- What agents can push, with the digits that they key for it.
SELECT p.id, s.code AS subscriber, p.digits, p.title, p.url, p.framing::text AS framing
FROM page p JOIN subscriber s ON s.id = p.subscriber_id
WHERE p.active
ORDER BY s.code, p.digits
