-- Regular customers at the agents' desks: enrolments to be typed, half-made orders, orders to be helped.

-- name: open_enrolments
-- What waits to be typed, oldest first; `taken` is true while somebody types it.
SELECT e.id, e.created_at, e.number, s.name AS subscriber, s.timezone, u.display_name AS taken_by,
    coalesce(e.claimed_until > now(), false) AS taken,
    (SELECT count(*) FROM client_audio a WHERE a.customer_id = e.customer_id) AS recordings
FROM enrolment e
JOIN subscriber s ON s.id = e.subscriber_id
LEFT JOIN user_account u ON u.id = e.claimed_by
WHERE e.state = 'recorded' AND works_for_v1(%(agent)s, e.subscriber_id)
ORDER BY e.created_at, e.id LIMIT %(limit)s

-- name: own_enrolment
-- The one that this agent types now; no row: none.
SELECT enrolment_json_v1(e) AS enrolment FROM enrolment e
WHERE e.state = 'recorded' AND e.claimed_by = %(agent)s AND e.claimed_until > now()
ORDER BY e.claimed_until DESC LIMIT 1

-- name: enrolment_for
-- An enrolment of the agent's subscribers, in any state.
SELECT enrolment_json_v1(e) AS enrolment FROM enrolment e
WHERE e.id = %(enrolment)s AND works_for_v1(%(agent)s, e.subscriber_id)

-- name: release_enrolment
-- Somebody else may type it.
UPDATE enrolment SET claimed_by = NULL, claimed_until = NULL
WHERE id = %(enrolment)s AND claimed_by = %(agent)s AND state = 'recorded'

-- name: enrolment_audio
-- A recording, for whoever types the enrolment; no row: there is none, or somebody else types it.
SELECT a.wav FROM enrolment e JOIN client_audio a ON a.customer_id = e.customer_id
WHERE e.id = %(enrolment)s AND a.what = %(what)s AND e.claimed_by = %(agent)s
  AND works_for_v1(%(agent)s, e.subscriber_id)

-- name: live_calls_of_customer
-- Calls of a customer that an agent has on the desk now.
SELECT c.id, c.agent_id FROM call c
WHERE c.customer_id = %(customer)s AND c.state <> 'ended' AND c.agent_id IS NOT NULL

-- name: desk_order
-- The order that an agent sees with a call: a half-made one of it or of the agent, else the last one placed in
-- it; no row: none.
SELECT o.id FROM sales_order o
WHERE o.customer_id = %(customer)s
  AND (o.call_id = %(call)s AND o.state <> 'abandoned' OR o.state = 'draft' AND is_held_v1(o, NULL)
       AND o.held_by = %(holder)s)
ORDER BY o.state = 'draft' DESC, o.updated_at DESC LIMIT 1

-- name: lock_desk_order
SELECT state::text AS state, version, suggestion, replaces FROM sales_order WHERE id = %(order)s FOR UPDATE

-- name: agent_rescue_orders
-- Orders of the agent's subscribers that need a person, longest waiting first; where the client lives, the
-- client's own location, and whether the client comes for it and cannot be written to. Looked up for each: a
-- join may read all customers.
SELECT found AS "order",
    (SELECT k.postcode FROM customer k WHERE k.id = (found -> 'client' ->> 'id')::bigint) AS postcode,
    (SELECT k.email IS NULL AND found ->> 'method' <> 'delivery'
     FROM customer k WHERE k.id = (found -> 'client' ->> 'id')::bigint) AS by_voice,
    (SELECT l.code FROM preference r JOIN location l ON l.id = r.location_id
     WHERE r.customer_id = (found -> 'client' ->> 'id')::bigint) AS own
FROM subscribers_of_agent_v1(%(agent)s) AS mine (id), rescue_orders_v1(mine.id, %(limit)s) AS found
ORDER BY found ->> 'placed_at', found ->> 'number' LIMIT %(limit)s

-- name: agent_owed_orders
-- Cancelled orders of the agent's subscribers whose payment is to be paid back, longest owed first.
SELECT found AS "order"
FROM subscribers_of_agent_v1(%(agent)s) AS mine (id), owed_orders_v1(mine.id, %(limit)s) AS found
ORDER BY found -> 'payment' ->> 'owed_at', found ->> 'number' LIMIT %(limit)s

-- name: agent_untold_orders
-- Orders of the agent's subscribers whose clients are to be told where they are made, longest waiting first;
-- and names of the locations that did not take them.
SELECT found AS "order",
    ARRAY(SELECT l.name::text FROM location l WHERE l.subscriber_id = mine.id
          AND found -> 'passed_over' ? l.code ORDER BY l.name) AS refused_by
FROM subscribers_of_agent_v1(%(agent)s) AS mine (id), untold_orders_v1(mine.id, %(limit)s) AS found
ORDER BY found ->> 'placed_at', found ->> 'number' LIMIT %(limit)s

-- name: count_rescue_orders
-- Orders that need a person, those whose client is to be told, and those whose payment is to be paid back.
WITH mine AS (SELECT subscribers_of_agent_v1(%(agent)s) AS id)
SELECT (SELECT count(*) FROM sales_order o JOIN mine ON mine.id = o.subscriber_id WHERE o.needs_agent)
    + (SELECT count(*) FROM sales_order o JOIN mine ON mine.id = o.subscriber_id
       WHERE o.to_tell AND NOT o.needs_agent)
    + (SELECT count(*) FROM payment_link m
       JOIN sales_order o ON o.id = m.order_id JOIN mine ON mine.id = o.subscriber_id
       WHERE m.owed_at IS NOT NULL AND m.repaid_at IS NULL) AS waiting

-- name: order_of_agent
-- No row: there is no such placed order of the agent's subscribers.
SELECT id FROM sales_order
WHERE id = %(order)s AND placed_at IS NOT NULL
  AND subscriber_id IN (SELECT subscribers_of_agent_v1(%(agent)s))

-- name: customer_orders
-- A customer's orders, newest first, for agents of the subscriber.
SELECT o.number, o.state::text AS state, o.placed_at, o.total_cents, l.name AS location,
       (SELECT string_agg(n.quantity || ' × ' || n.name, ', ' ORDER BY n.line)
        FROM order_line n WHERE n.order_id = o.id) AS what
FROM sales_order o LEFT JOIN location l ON l.id = o.location_id
WHERE o.customer_id = %(customer)s AND o.placed_at IS NOT NULL
  AND o.subscriber_id IN (SELECT subscribers_of_agent_v1(%(agent)s))
ORDER BY o.placed_at DESC LIMIT %(limit)s
