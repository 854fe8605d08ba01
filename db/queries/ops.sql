-- What the operations pages ask, and how they change what callers and visitors meet.
--
-- A row is changed in three steps of one transaction: `lock_…` reads it as it is, `update_…` writes it
-- and answers it in the same form, `add_audit_entry` keeps the difference.

-- name: add_audit_entry
INSERT INTO audit_entry (actor_id, action, entity, data)
VALUES (%(actor)s, %(action)s, %(entity)s, %(data)s)

-- name: subscribers
SELECT id, code, name, timezone, country FROM subscriber ORDER BY name

-- name: last_editor
-- Who changed an entity last; no row: nobody since it was made.
SELECT u.display_name AS name, a.at FROM audit_entry a LEFT JOIN user_account u ON u.id = a.actor_id
WHERE a.entity = %(entity)s ORDER BY a.id DESC LIMIT 1

-- name: own_numbers
SELECT number FROM did

-- name: ops_groups_of
SELECT id, code, name FROM agent_group WHERE subscriber_id = %(subscriber)s ORDER BY name

-- name: ops_schedules_of
SELECT id, name, timezone FROM schedule WHERE subscriber_id = %(subscriber)s ORDER BY name

-- -- Pages to push

-- name: ops_pages
-- `search` is found in digits, title and URL; empty finds all.
SELECT p.* FROM page p
WHERE p.subscriber_id = %(subscriber)s
  AND (%(search)s = '' OR p.digits = %(search)s
       OR strpos(lower(p.title || ' ' || p.url), lower(%(search)s)) > 0)
ORDER BY p.active DESC, length(p.digits), p.digits

-- name: lock_page
SELECT * FROM page WHERE id = %(id)s FOR NO KEY UPDATE

-- name: insert_page
INSERT INTO page (subscriber_id, digits, title, url, framing, promotion, active)
VALUES (%(subscriber_id)s, %(digits)s, %(title)s, %(url)s, %(framing)s, %(promotion)s, %(active)s)
RETURNING *

-- name: update_page
UPDATE page SET digits = %(digits)s, title = %(title)s, url = %(url)s, framing = %(framing)s,
    promotion = %(promotion)s, active = %(active)s, version = version + 1
WHERE id = %(id)s
RETURNING *

-- -- Routing

-- name: ops_rules
-- Of one subscriber, or of all when `subscriber` is null.
SELECT r.*, s.code AS subscriber, s.name AS subscriber_name, g.name AS group_name
FROM routing_rule r
JOIN subscriber s ON s.id = r.subscriber_id
LEFT JOIN agent_group g ON g.id = r.group_id
WHERE %(subscriber)s::integer IS NULL OR r.subscriber_id = %(subscriber)s
ORDER BY s.name, r.active DESC, r.subject_code

-- name: lock_routing_rule
SELECT * FROM routing_rule WHERE id = %(id)s FOR NO KEY UPDATE

-- name: insert_routing_rule
INSERT INTO routing_rule (subscriber_id, subject_code, name, destination, group_id, external, dnis,
    tag2, whisper_template, placement, sign_on, ring_customer_seconds, ring_agent_seconds,
    sign_on_seconds, detect_voicemail, needs, priority, active)
VALUES (%(subscriber_id)s, %(subject_code)s, %(name)s, %(destination)s, %(group_id)s, %(external)s,
    %(dnis)s, %(tag2)s, %(whisper_template)s, %(placement)s, %(sign_on)s, %(ring_customer_seconds)s,
    %(ring_agent_seconds)s, %(sign_on_seconds)s, %(detect_voicemail)s, %(needs)s, %(priority)s,
    %(active)s)
RETURNING *

-- name: update_routing_rule
UPDATE routing_rule SET subject_code = %(subject_code)s, name = %(name)s,
    destination = %(destination)s, group_id = %(group_id)s, external = %(external)s, dnis = %(dnis)s,
    tag2 = %(tag2)s, whisper_template = %(whisper_template)s, placement = %(placement)s,
    sign_on = %(sign_on)s, ring_customer_seconds = %(ring_customer_seconds)s,
    ring_agent_seconds = %(ring_agent_seconds)s, sign_on_seconds = %(sign_on_seconds)s,
    detect_voicemail = %(detect_voicemail)s, needs = %(needs)s, priority = %(priority)s,
    active = %(active)s, version = version + 1, updated_at = now()
WHERE id = %(id)s
RETURNING *

-- -- What visitors see

-- name: lock_web_presence
SELECT w.*, w.subscriber_id AS id FROM web_presence w WHERE w.subscriber_id = %(id)s FOR NO KEY UPDATE

-- name: begin_web_presence
-- A subscriber without one has the defaults.
INSERT INTO web_presence (subscriber_id) VALUES (%(id)s) ON CONFLICT DO NOTHING

-- name: update_web_presence
UPDATE web_presence SET origins = %(origins)s, link_hosts = %(link_hosts)s, accent = %(accent)s,
    welcome_text = %(welcome_text)s, consent_text = %(consent_text)s, hold_text = %(hold_text)s,
    farewell_text = %(farewell_text)s, schedule_id = %(schedule_id)s, version = version + 1
WHERE subscriber_id = %(id)s
RETURNING *, subscriber_id AS id

-- -- Dialling policy

-- name: lock_dialling_policy
SELECT p.*, p.subscriber_id AS id FROM dialling_policy p WHERE p.subscriber_id = %(id)s FOR NO KEY UPDATE

-- name: begin_dialling_policy
INSERT INTO dialling_policy (subscriber_id) VALUES (%(id)s) ON CONFLICT DO NOTHING

-- name: update_dialling_policy
UPDATE dialling_policy SET regions = %(regions)s, number_types = %(number_types)s,
    calls_from_minute = %(calls_from_minute)s, calls_until_minute = %(calls_until_minute)s,
    per_number_day = %(per_number_day)s, per_visitor_hour = %(per_visitor_hour)s,
    per_subscriber_minute = %(per_subscriber_minute)s, concurrent_legs = %(concurrent_legs)s,
    daily_spend_cents = %(daily_spend_cents)s, proof_required = %(proof_required)s,
    max_attempts = %(max_attempts)s, retry_after_seconds = %(retry_after_seconds)s,
    version = version + 1
WHERE subscriber_id = %(id)s
RETURNING *, subscriber_id AS id

-- -- Do not call

-- name: ops_do_not_call
-- `subscriber` null: entries of all, and those that hold for everybody. `search` is part of a number.
SELECT d.id, d.number, d.reason, d.created_at, s.name AS subscriber, u.display_name AS by
FROM do_not_call d
LEFT JOIN subscriber s ON s.id = d.subscriber_id
LEFT JOIN user_account u ON u.id = d.created_by
WHERE (%(subscriber)s::integer IS NULL OR d.subscriber_id = %(subscriber)s OR d.subscriber_id IS NULL)
  AND strpos(d.number, %(search)s) > 0
ORDER BY d.id DESC
LIMIT %(limit)s

-- name: insert_do_not_call
INSERT INTO do_not_call (subscriber_id, number, reason, created_by)
VALUES (%(subscriber_id)s, %(number)s, %(reason)s, %(created_by)s)
RETURNING *

-- name: delete_do_not_call
DELETE FROM do_not_call WHERE id = %(id)s RETURNING *

-- -- Agent groups

-- name: ops_groups
SELECT g.*, s.code AS subscriber, s.name AS subscriber_name,
       (SELECT count(*) FROM group_member m JOIN user_account u ON u.id = m.user_id
        WHERE m.group_id = g.id AND u.active) AS members
FROM agent_group g JOIN subscriber s ON s.id = g.subscriber_id
ORDER BY s.name, g.name

-- name: lock_agent_group
SELECT * FROM agent_group WHERE id = %(id)s FOR NO KEY UPDATE

-- name: update_agent_group
UPDATE agent_group SET name = %(name)s, wrapup_seconds = %(wrapup_seconds)s,
    ring_seconds = %(ring_seconds)s, max_waiting = %(max_waiting)s,
    max_wait_seconds = %(max_wait_seconds)s, disposition_required = %(disposition_required)s,
    relax_skills_after_seconds = %(relax_skills_after_seconds)s,
    announce_every_seconds = %(announce_every_seconds)s,
    offer_callback_after_seconds = %(offer_callback_after_seconds)s, version = version + 1
WHERE id = %(id)s
RETURNING *

-- -- Audit

-- name: ops_audit
-- Newest first, before the entry `before`; each filter may be empty or null.
SELECT a.id, a.at, a.action, a.entity, a.data, u.display_name AS actor
FROM audit_entry a LEFT JOIN user_account u ON u.id = a.actor_id
WHERE (%(entity)s = '' OR a.entity = %(entity)s OR a.entity LIKE %(entity)s || ':%%')
  AND (%(actor)s::integer IS NULL OR a.actor_id = %(actor)s)
  AND a.id < %(before)s
ORDER BY a.id DESC
LIMIT %(limit)s

-- name: audit_actors
-- Everybody who stands in the audit.
SELECT u.id, u.display_name AS name FROM user_account u
WHERE EXISTS (SELECT FROM audit_entry a WHERE a.actor_id = u.id)
ORDER BY u.display_name

-- -- Call requests

-- name: ops_requests
-- Newest first, made before `before`; each filter may be empty. `state` may be `open`: not over yet.
-- `number` is part of one, `request` the beginning of an id.
SELECT q.id, q.created_at, q.due_at, q.ended_at, q.state::text AS state, q.outcome, q.attempts,
       q.source::text AS source, q.number, s.code AS subscriber, s.name AS subscriber_name,
       u.subject_code, u.name AS subject_name, g.name AS group_name, a.outcome::text AS last_outcome,
       a.sip_code AS last_sip_code, a.state::text AS attempt_state
FROM call_request q
JOIN subscriber s ON s.id = q.subscriber_id
JOIN routing_rule u ON u.id = q.rule_id
LEFT JOIN agent_group g ON g.id = u.group_id
LEFT JOIN LATERAL (SELECT c.outcome, c.sip_code, c.state FROM callback_attempt c
                   WHERE c.request_id = q.id ORDER BY c.attempt DESC LIMIT 1) a ON true
WHERE (%(subscriber)s::integer IS NULL OR q.subscriber_id = %(subscriber)s)
  AND (%(state)s = '' OR q.state::text = %(state)s
       OR %(state)s = 'open' AND q.state IN ('waiting', 'dialling', 'connected'))
  AND (%(source)s = '' OR q.source::text = %(source)s)
  AND strpos(q.number, %(number)s) > 0
  AND starts_with(q.id::text, %(request)s)
  AND q.created_at < %(before)s
ORDER BY q.created_at DESC
LIMIT %(limit)s

-- name: ops_request_counts
-- Requests that are not over, and how those of the last day ended.
SELECT q.state::text AS state, count(*) AS n FROM call_request q
WHERE (%(subscriber)s::integer IS NULL OR q.subscriber_id = %(subscriber)s)
  AND (q.ended_at IS NULL OR q.ended_at > now() - interval '1 day')
GROUP BY q.state

-- name: ops_request_calls
-- Calls of a request, with their legs: of each attempt, and the one that left the queue.
SELECT c.id, c.state::text AS state, c.outcome::text AS outcome, c.started, c.answered, c.ended,
       w.display_name AS agent, c.id = q.first_call_id AS is_first,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('role', l.role, 'party', l.party,
                   'started', iso_time_v1(l.started), 'answered', iso_time_v1(l.answered),
                   'ended', iso_time_v1(l.ended), 'cause', l.cause) ORDER BY l.started, l.channel), '[]')
        FROM call_leg l WHERE l.call_id = c.id) AS legs
FROM call_request q
-- One id after the other: an OR here would look through all calls that there are.
CROSS JOIN LATERAL (
    SELECT q.first_call_id AS id
    UNION SELECT a.id FROM callback_attempt a WHERE a.request_id = q.id) x
JOIN call c ON c.id = x.id
LEFT JOIN user_account w ON w.id = c.agent_id
WHERE q.id = %(request)s
ORDER BY c.started

-- name: ops_request_refusals
SELECT at, reason, detail FROM policy_refusal WHERE request_id = %(request)s ORDER BY at

-- name: requests_by_group
-- Who waits to be called by each group: due now, and later.
SELECT g.code, count(*) FILTER (WHERE q.due_at <= now()) AS due,
       count(*) FILTER (WHERE q.due_at > now()) AS later
FROM call_request q
JOIN routing_rule u ON u.id = q.rule_id
JOIN agent_group g ON g.id = u.group_id
WHERE q.state = 'waiting'
GROUP BY g.code

-- -- Refusals

-- name: ops_refusal_counts
-- How often each reason was the first, since `since`.
SELECT reason, count(*) AS n FROM policy_refusal
WHERE at > %(since)s AND (%(subscriber)s::integer IS NULL OR subscriber_id = %(subscriber)s)
GROUP BY reason ORDER BY n DESC, reason

-- name: ops_refusals
SELECT r.id, r.at, r.reason, r.number, r.request_id, r.visitor_id, r.detail, s.name AS subscriber
FROM policy_refusal r LEFT JOIN subscriber s ON s.id = r.subscriber_id
WHERE r.at > %(since)s AND (%(subscriber)s::integer IS NULL OR r.subscriber_id = %(subscriber)s)
  AND (%(reason)s = '' OR r.reason = %(reason)s)
ORDER BY r.id DESC
LIMIT %(limit)s
