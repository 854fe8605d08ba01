-- What the operations pages ask about deciding.

-- name: find_customers
SELECT code, name, city, segment
FROM find_customers_v1(%(subscriber)s::integer, %(text)s, %(phone)s)

-- name: ops_customer
SELECT c.id, c.code::text AS code, c.first_name || ' ' || c.last_name AS name, c.segment::text AS segment
FROM customer c WHERE c.subscriber_id = %(subscriber)s AND c.code = %(code)s::text

-- name: groups_of_subscriber
SELECT code::text AS code, name::text AS name FROM agent_group
WHERE subscriber_id = %(subscriber)s ORDER BY name

-- name: offer_dates
-- Of the offers database.
SELECT id, valid_from, valid_to FROM offer WHERE subscriber_id = %(subscriber)s

-- name: ops_decisions
-- Of one subscriber, newest first, those before `before`; empty filters are none.
SELECT d.id::text AS id, d.at, d.channel::text AS channel, d.call_id::text AS call, d.route, d.explored,
       c.code::text AS customer, c.first_name || ' ' || c.last_name AS name,
       (SELECT coalesce(jsonb_agg(e ->> 'code' ORDER BY (e ->> 'rank')::integer), '[]')
        FROM jsonb_array_elements(d.ranking) e WHERE (e ->> 'chosen')::boolean) AS chosen
FROM decision d LEFT JOIN customer c ON c.id = d.customer_id
WHERE d.subscriber_id = %(subscriber)s AND d.at < %(before)s::timestamptz
  AND (%(customer)s = '' OR d.customer_id = (SELECT id FROM customer k
       WHERE k.subscriber_id = %(subscriber)s AND k.code = %(customer)s))
  AND (%(call)s::uuid IS NULL OR d.call_id = %(call)s::uuid)
  AND (%(channel)s = '' OR d.channel::text = %(channel)s)
ORDER BY d.at DESC LIMIT %(limit)s

-- name: ops_decisions_of_call
-- The latest first; usually there is one.
SELECT d.id::text AS id FROM decision d WHERE d.call_id = %(call)s ORDER BY d.at DESC

-- name: ops_decision
SELECT d.id::text AS id, d.at, d.channel::text AS channel, d.call_id::text AS call, d.ranking, d.context,
       d.resources, d.route, d.explored, s.code::text AS subscriber, s.name::text AS company, s.timezone,
       c.code::text AS customer, c.first_name || ' ' || c.last_name AS name,
       k.decision_id = d.id AS in_force
FROM decision d JOIN subscriber s ON s.id = d.subscriber_id
LEFT JOIN customer c ON c.id = d.customer_id LEFT JOIN call k ON k.id = d.call_id
WHERE d.id = %(id)s

-- name: ops_decision_exposures
-- What came of it: offers that were presented by it, with what the customer said.
SELECT o.code::text AS code, o.title::text AS title, x.channel, x.at, x.rank, x.chance, x.p,
       x.outcome::text AS outcome, u.display_name AS agent
FROM exposure x JOIN offer o ON o.id = x.offer_id LEFT JOIN user_account u ON u.id = x.agent_id
WHERE x.customer_id = (SELECT customer_id FROM decision WHERE id = %(id)s) AND x.decision_id = %(id)s
ORDER BY x.at
