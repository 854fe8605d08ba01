-- What the visitors' pages ask. No query here selects another visitor's data: each names the visitor.

-- name: talk_place
-- Where a talk link leads. `rule` is null for an unknown or switched-off subject; no row: unknown SID.
SELECT s.id AS subscriber, s.code AS sid, s.name AS company, s.timezone, s.country,
       coalesce(p.origins, '{}') AS origins, coalesce(p.accent, '#1f6feb') AS accent,
       p.welcome_text, p.consent_text, p.farewell_text,
       schedule_json_v1(p.schedule_id) AS schedule,
       coalesce(d.proof_required, false) AS proof_required,
       r.id AS rule, r.subject_code AS sc, r.name AS subject, g.code AS "group",
       (SELECT number FROM did WHERE subscriber_id = s.id ORDER BY schedule_id NULLS FIRST, number
        LIMIT 1) AS contact
FROM subscriber s
LEFT JOIN web_presence p ON p.subscriber_id = s.id
LEFT JOIN dialling_policy d ON d.subscriber_id = s.id
LEFT JOIN routing_rule r ON r.subscriber_id = s.id AND r.subject_code = %(sc)s AND r.active
LEFT JOIN agent_group g ON g.id = r.group_id
WHERE s.code = %(sid)s

-- name: open_visitor
INSERT INTO visitor_session (id, subscriber_id, time_zone)
VALUES (%(visitor)s, %(subscriber)s, %(zone)s)
ON CONFLICT (id) DO UPDATE SET last_seen_at = now(), time_zone = excluded.time_zone

-- name: talk_customer
-- Whom a customer code of a signed link names.
SELECT k.id, k.first_name,
       (SELECT min(number) FROM customer_phone n WHERE n.customer_id = k.id) AS number
FROM customer k
WHERE k.subscriber_id = %(subscriber)s AND k.code = %(code)s

-- name: talk_people
-- Whom a visitor may ask for: active agents of the group.
SELECT u.id, u.username, split_part(u.display_name, ' ', 1) AS first_name
FROM group_member m
JOIN agent_group g ON g.id = m.group_id
JOIN user_account u ON u.id = m.user_id
WHERE g.code = %(group)s AND u.active
ORDER BY first_name, u.id

-- name: talk_skills
-- What a visitor may ask for: skills of the group's active agents.
SELECT DISTINCT k.skill
FROM group_member m
JOIN agent_group g ON g.id = m.group_id
JOIN user_account u ON u.id = m.user_id
JOIN agent_skill k ON k.user_id = u.id
WHERE g.code = %(group)s AND u.active
ORDER BY k.skill

-- name: talk_request
-- A visitor's own request and what became of it.
SELECT r.id, r.state::text AS state, r.outcome, r.number, r.note, r.page_title, r.page_url,
       r.whisper_code, r.customer_code, r.time_zone, r.attempts, r.proof_code,
       r.due_at, r.created_at, q.subject_code AS sc, q.name AS subject,
       (SELECT k.id FROM customer k
        WHERE k.subscriber_id = r.subscriber_id AND k.code = r.customer_code) AS customer,
       c.id AS call, c.answered, c.ended, c.outcome::text AS call_outcome,
       split_part(u.display_name, ' ', 1) AS agent, v.score
FROM call_request r
JOIN routing_rule q ON q.id = r.rule_id
JOIN subscriber s ON s.id = r.subscriber_id
LEFT JOIN LATERAL (
    SELECT * FROM call WHERE request_id = r.id ORDER BY started DESC LIMIT 1) c ON true
LEFT JOIN user_account u ON u.id = c.agent_id
LEFT JOIN visitor_survey v ON v.request_id = r.id
WHERE r.id = %(request)s AND r.visitor_id = %(visitor)s AND s.code = %(sid)s

-- name: talk_latest
-- The visitor's request that is under way, or else the latest.
SELECT r.id FROM call_request r JOIN subscriber s ON s.id = r.subscriber_id
WHERE r.visitor_id = %(visitor)s AND s.code = %(sid)s
ORDER BY r.state IN ('waiting', 'dialling', 'connected') DESC, r.created_at DESC LIMIT 1

-- name: talk_pushes
-- Pages that were pushed to a visitor in the calls of one request, as the stream tells them.
SELECT p.id AS push_id, p.title, p.url, p.framing::text AS framing,
       ms_of_v1(p.pushed_at) AS at_ms,
       p.shown_at IS NOT NULL AS shown, p.viewed_seconds
FROM page_push p JOIN callback_attempt a ON a.id = p.call_id
WHERE a.request_id = %(request)s AND p.visitor_id = %(visitor)s
ORDER BY p.pushed_at, p.number

-- name: talk_promotions
SELECT p.title, p.url, p.framing::text AS framing
FROM page p JOIN subscriber s ON s.id = p.subscriber_id
WHERE s.code = %(sid)s AND p.promotion AND p.active
ORDER BY length(p.digits), p.digits LIMIT 8

-- name: save_survey
-- No row: the request is not the visitor's.
INSERT INTO visitor_survey (request_id, score, comment)
SELECT r.id, %(score)s, %(comment)s FROM call_request r
WHERE r.id = %(request)s AND r.visitor_id = %(visitor)s
ON CONFLICT (request_id) DO UPDATE SET score = excluded.score, comment = excluded.comment, at = now()
RETURNING request_id

-- name: acknowledge_push
-- The visitor's browser shows a page, and has for so many seconds; never more than have passed since
-- the push. `first`: it was not shown before. No row: not this visitor's, or not yet stored.
WITH old AS (
    SELECT id, shown_at, least(%(seconds)s,
        extract(epoch FROM clock_timestamp() - pushed_at)::integer + 1) AS seconds
    FROM page_push WHERE id = %(push)s AND visitor_id = %(visitor)s FOR UPDATE)
UPDATE page_push p SET shown_at = coalesce(p.shown_at, clock_timestamp()),
    viewed_seconds = greatest(p.viewed_seconds, old.seconds)
FROM old WHERE p.id = old.id
RETURNING p.call_id AS call, old.shown_at IS NULL AS first, p.viewed_seconds AS seconds

-- name: talk_offer
-- An offer that stands in a customer's list; no row for any other.
SELECT o.title, o.description, k.first_name, k.last_name, u.url
FROM decision d
CROSS JOIN LATERAL jsonb_array_elements(d.ranking) e
JOIN customer k ON k.id = d.customer_id
JOIN offer o ON o.id = (e ->> 'offer')::integer AND o.active
LEFT JOIN LATERAL listed_urls_v1(k.id, ARRAY[o.id]) u ON true
WHERE d.id = %(decision)s AND d.customer_id = %(customer)s AND o.id = %(offer)s
  AND e ->> 'state' = 'offered'
