-- Offers, their rules, and how it is decided, for the operations pages. In the offers database.

-- name: ops_offers
SELECT o.*, g.name AS group_name, excluded_codes_v1(o.id) AS excludes,
    (SELECT count(*) FROM offer_rule r WHERE r.offer_id = o.id AND r.active) AS rules,
    (now() AT TIME ZONE s.timezone)::date BETWEEN coalesce(o.valid_from, '-infinity')
        AND coalesce(o.valid_to, 'infinity') AS valid_today
FROM offer o
JOIN subscriber s ON s.id = o.subscriber_id
LEFT JOIN agent_group g ON g.id = o.group_id
WHERE o.subscriber_id = %(subscriber)s
ORDER BY o.active DESC, o.kind, o.code

-- name: lock_offer
SELECT o.*, excluded_codes_v1(o.id) AS excludes FROM offer o WHERE o.id = %(id)s
FOR NO KEY UPDATE

-- name: insert_offer
INSERT INTO offer (subscriber_id, code, kind, title, description, script, url, value_cents,
    valid_from, valid_to, active, channels, group_id, skill, cooldown_days, max_exposures,
    prior_p, prior_weight, ivr_text)
VALUES (%(subscriber_id)s, %(code)s, %(kind)s, %(title)s, %(description)s, %(script)s, %(url)s,
    %(value_cents)s, %(valid_from)s, %(valid_to)s, %(active)s, %(channels)s, %(group_id)s,
    %(skill)s, %(cooldown_days)s, %(max_exposures)s, %(prior_p)s, %(prior_weight)s, %(ivr_text)s)
RETURNING *, set_exclusions_v1(id, %(excludes)s::text[]) AS excludes

-- name: update_offer
-- Code and kind stay: calls, links and what was learned speak of them.
UPDATE offer SET title = %(title)s, description = %(description)s, script = %(script)s,
    url = %(url)s, value_cents = %(value_cents)s, valid_from = %(valid_from)s,
    valid_to = %(valid_to)s, active = %(active)s, channels = %(channels)s,
    group_id = %(group_id)s, skill = %(skill)s, cooldown_days = %(cooldown_days)s,
    max_exposures = %(max_exposures)s, prior_p = %(prior_p)s, prior_weight = %(prior_weight)s,
    ivr_text = %(ivr_text)s, version = version + 1
WHERE id = %(id)s
RETURNING *, set_exclusions_v1(id, %(excludes)s::text[]) AS excludes

-- name: withdraw_offer
UPDATE offer SET active = false, version = version + 1 WHERE id = %(id)s
RETURNING *, excluded_codes_v1(id) AS excludes

-- name: ops_offer_rules
SELECT * FROM offer_rule WHERE offer_id = %(offer)s ORDER BY active DESC, id

-- name: lock_offer_rule
SELECT * FROM offer_rule WHERE id = %(id)s FOR NO KEY UPDATE

-- name: insert_offer_rule
INSERT INTO offer_rule (offer_id, name, condition, active)
VALUES (%(offer_id)s, %(name)s, %(condition)s, %(active)s)
RETURNING *

-- name: update_offer_rule
UPDATE offer_rule SET name = %(name)s, condition = %(condition)s, active = %(active)s,
    version = version + 1, updated_at = now()
WHERE id = %(id)s
RETURNING *

-- name: lock_decision_policy
SELECT p.*, p.subscriber_id AS id FROM decision_policy p WHERE p.subscriber_id = %(id)s
FOR NO KEY UPDATE

-- name: begin_decision_policy
INSERT INTO decision_policy (subscriber_id) VALUES (%(id)s) ON CONFLICT DO NOTHING

-- name: update_decision_policy
UPDATE decision_policy SET exploration = %(exploration)s, explore_share = %(explore_share)s,
    max_wait_seconds = %(max_wait_seconds)s, ivr_presentation = %(ivr_presentation)s,
    move_callers = %(move_callers)s, version = version + 1
WHERE subscriber_id = %(id)s
RETURNING *, subscriber_id AS id
