-- What the propensity model learns from, and the models themselves.

-- name: learning_subscribers
-- All of them, or the one with this code.
SELECT id, code, name FROM subscriber
WHERE %(code)s::text IS NULL OR code = %(code)s
ORDER BY code

-- name: learning_offers
-- The offers of a subscriber with their priors.
SELECT id, code, title, prior_p, prior_weight FROM offer
WHERE subscriber_id = %(subscriber)s
ORDER BY id

-- name: learning_examples
-- The newest answered presentations, newest first; those without the attributes of then teach nothing.
-- Whoever heard the IVR out and pressed nothing until the call was over did not accept.
SELECT e.at, e.offer_id, e.outcome IS NOT DISTINCT FROM 'accepted' AS accepted, e.features
FROM exposure e
JOIN offer o ON o.id = e.offer_id
LEFT JOIN call c ON c.id = e.call_id
WHERE o.subscriber_id = %(subscriber)s AND e.features IS NOT NULL
  AND (e.outcome IS NOT NULL OR e.channel = 'ivr' AND c.state = 'ended')
ORDER BY e.at DESC, e.id DESC
LIMIT %(limit)s

-- name: lock_training
-- Whether this session may train; the lock is held until it ends.
SELECT pg_try_advisory_lock(hashtext('cordboard train'), %(subscriber)s) AS locked

-- name: training_since
-- Since when somebody else's session trains.
SELECT a.backend_start AS since
FROM pg_locks l
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::bigint = hashtext('cordboard train')::bigint & 4294967295
  AND l.objid::bigint = %(subscriber)s

-- name: model_in_use
SELECT id, trained_at, features, parameters, judged, card -> 'times' ->> 'judge' AS judged_from
FROM propensity_model
WHERE subscriber_id = %(subscriber)s AND state = 'in_use'

-- name: retire_model
UPDATE propensity_model SET state = 'retired'
WHERE subscriber_id = %(subscriber)s AND state = 'in_use'

-- name: insert_model
INSERT INTO propensity_model (subscriber_id, state, features, parameters, judged, card)
VALUES (%(subscriber)s, %(state)s::model_state, %(features)s, %(parameters)s, %(judged)s, %(card)s)
RETURNING id

-- name: models_of
-- Every model of a subscriber, newest first; without the parameters.
SELECT id, trained_at, state, card FROM propensity_model
WHERE subscriber_id = %(subscriber)s
ORDER BY id DESC
LIMIT %(limit)s

-- -- By night

-- name: claim_night
-- Takes a subscriber whose night began at `hour`, there, less than six hours ago, and has not ended. The
-- night has the date of its beginning. It is this session's as long as the session holds the lock, so that the
-- night of a worker that died is another's at once; rows are tried one by one, and the first is taken.
WITH due AS MATERIALIZED (
    SELECT s.id, s.code, n.since::date AS day
    FROM subscriber s
    CROSS JOIN LATERAL (
        SELECT now() AT TIME ZONE s.timezone - make_interval(hours => %(hour)s) AS since
    ) n
    WHERE extract(hour FROM n.since) < 6
      AND NOT EXISTS (
          SELECT FROM nightly_run r
          WHERE r.subscriber_id = s.id AND r.day = n.since::date AND r.ended_at IS NOT NULL
      )
    ORDER BY s.id
), mine AS MATERIALIZED (
    SELECT id, code, day FROM due WHERE pg_try_advisory_lock(hashtext('cordboard night'), id) LIMIT 1
)
INSERT INTO nightly_run AS r (subscriber_id, day)
SELECT id, day FROM mine
ON CONFLICT (subscriber_id, day) DO UPDATE SET started_at = now() WHERE r.ended_at IS NULL
RETURNING subscriber_id AS id, day, (SELECT code FROM mine) AS code

-- name: leave_night
-- Nothing else holds a lock for as long as a session.
SELECT pg_advisory_unlock_all()

-- name: end_night
UPDATE nightly_run SET ended_at = now(), ok = %(ok)s
WHERE subscriber_id = %(subscriber)s AND day = %(day)s

-- -- What came of it, for the ops pages

-- name: ops_acceptance_by_offer
-- Presentations by offer and week (its Monday, where the subscriber is).
SELECT o.code, o.title, o.kind::text, date_trunc('week', e.at AT TIME ZONE %(zone)s)::date AS week,
    count(*) AS presented, count(e.outcome) AS answered,
    count(*) FILTER (WHERE e.outcome = 'accepted') AS accepted
FROM exposure e
JOIN offer o ON o.id = e.offer_id
WHERE o.subscriber_id = %(subscriber)s AND e.at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
GROUP BY 1, 2, 3, 4
ORDER BY 1, 4

-- name: ops_acceptance_by_rank
-- The same by the rank that the decision gave; null: no decision ranked it.
SELECT e.rank, date_trunc('week', e.at AT TIME ZONE %(zone)s)::date AS week,
    count(*) AS presented, count(e.outcome) AS answered,
    count(*) FILTER (WHERE e.outcome = 'accepted') AS accepted
FROM exposure e
JOIN offer o ON o.id = e.offer_id
WHERE o.subscriber_id = %(subscriber)s AND e.at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
GROUP BY 1, 2
ORDER BY 1, 2

-- name: ops_logged_presentations
-- The newest answered presentations (as above) that the policy chose (not an agent), with what else of its
-- kind could have been chosen. JSON comes as text, and of a ranking no more than is asked of it: whoever
-- reads thousands does so in a thread of its own.
WITH newest AS (
    SELECT e.id, e.at, e.offer_id, o.kind::text AS kind, e.chance, e.outcome, e.features, e.decision_id
    FROM exposure e
    JOIN offer o ON o.id = e.offer_id
    LEFT JOIN call c ON c.id = e.call_id
    WHERE o.subscriber_id = %(subscriber)s AND e.chance IS NOT NULL
      AND (e.outcome IS NOT NULL OR e.channel = 'ivr' AND c.state = 'ended')
      AND EXISTS (SELECT FROM decision d WHERE d.id = e.decision_id)
    ORDER BY e.at DESC, e.id DESC
    LIMIT %(limit)s
)
SELECT n.at, n.offer_id, n.chance, n.outcome IS NOT DISTINCT FROM 'accepted' AS accepted,
    coalesce(n.features, '{}')::text AS features, cut.ranking::text AS ranking
FROM newest n
JOIN decision d ON d.id = n.decision_id
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('offer', r -> 'offer', 'p', r -> 'p',
        'value_cents', r -> 'value_cents', 'chance', r -> 'chance', 'possible', r -> 'possible')), '[]')
    FROM jsonb_array_elements(d.ranking) AS r
    WHERE r ->> 'state' = 'offered' AND r ->> 'kind' = n.kind
) AS cut (ranking)
ORDER BY n.at DESC, n.id DESC
