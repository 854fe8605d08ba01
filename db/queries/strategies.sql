-- Building and reading the ranked lists of customers (docs/strategies.md). Of the queries marked
-- "offers" and "customers" each is asked in that database, which may be one and the same.

-- name: strategy_subscribers
-- Offers: the subscribers that are asked for; null is all.
SELECT id, code, name, (now() AT TIME ZONE timezone)::date AS today
FROM subscriber
WHERE %(codes)s::text[] IS NULL OR code = ANY (%(codes)s)
ORDER BY id

-- name: strategy_offers
-- Offers: all of a subscriber.
SELECT id, code, kind::text AS kind, channels, value_cents, active, valid_from, valid_to, cooldown_days,
       max_exposures, prior_p, prior_weight
FROM offer WHERE subscriber_id = %(subscriber)s ORDER BY id

-- name: strategy_rules
-- Offers: the rules that count.
SELECT r.offer_id, r.name, r.condition
FROM offer_rule r JOIN offer o ON o.id = r.offer_id
WHERE o.subscriber_id = %(subscriber)s AND r.active
ORDER BY r.id

-- name: strategy_exclusions
-- Offers: pairs that shut each other out.
SELECT x.offer_id, x.excluded_id
FROM offer_exclusion x JOIN offer o ON o.id = x.offer_id
WHERE o.subscriber_id = %(subscriber)s
ORDER BY x.offer_id, x.excluded_id

-- name: strategy_model
-- Offers: the model in use.
SELECT id, parameters FROM propensity_model WHERE subscriber_id = %(subscriber)s AND state = 'in_use'

-- name: strategy_customers
-- Customers: how many of a subscriber have attributes.
SELECT count(*) AS customers FROM customer_feature WHERE subscriber_id = %(subscriber)s

-- name: strategy_bound
-- Customers: the last customer of a range that begins above one; no row when fewer are left.
SELECT customer_id FROM customer_feature
WHERE subscriber_id = %(subscriber)s AND customer_id > %(above)s
ORDER BY customer_id OFFSET %(size)s - 1 LIMIT 1

-- name: strategy_features
-- Customers: attributes of a range of customers, or some of it (cordboard/attributes.py, in that order).
SELECT customer_id, segment, language, region, product, tenure_days, accounts, suspended,
       balance_cents, calls_30d, service_calls_90d, web_visits_30d, purchases_365d,
       purchase_cents_365d, days_since_purchase, presented_90d, accepted_365d, declined_90d,
       days_since_presented
FROM customer_feature
WHERE subscriber_id = %(subscriber)s AND customer_id > %(above)s AND customer_id <= %(upto)s
  AND (%(only)s::bigint[] IS NULL OR customer_id = ANY (%(only)s))

-- name: strategy_answers
-- Customers: what became of offers in a range of customers, or for some of it.
SELECT customer_id, offer_id, coalesce(status, 'open')::text AS status,
       coalesce(times, 0) AS times,
       coalesce(extract(epoch FROM now() - last)::double precision, 'infinity') AS seconds
FROM (SELECT customer_id, offer_id, count(*) AS times, max(at) AS last FROM exposure
      WHERE customer_id > %(above)s AND customer_id <= %(upto)s
        AND (%(only)s::bigint[] IS NULL OR customer_id = ANY (%(only)s))
      GROUP BY customer_id, offer_id) AS shown
FULL JOIN (SELECT customer_id, offer_id, status FROM customer_offer
           WHERE customer_id > %(above)s AND customer_id <= %(upto)s
             AND (%(only)s::bigint[] IS NULL OR customer_id = ANY (%(only)s))) AS answered
    USING (customer_id, offer_id)

-- name: begin_strategy_build
-- Offers: one build of one subscriber.
INSERT INTO strategy_build (subscriber_id, whole, builder, started_at)
VALUES (%(subscriber)s, %(whole)s, %(builder)s, coalesce(%(since)s, now()))
RETURNING id

-- name: describe_strategy_build
-- Offers: what it works with.
UPDATE strategy_build SET model_id = %(model)s, catalogue = %(catalogue)s, reasons = %(reasons)s,
       customers = %(customers)s, done = %(done)s, inputs = %(inputs)s
WHERE id = %(build)s

-- name: strategy_build_went_on
-- Offers: so many customers are done.
UPDATE strategy_build SET done = done + %(more)s WHERE id = %(build)s

-- name: strategy_build_waits
-- Offers: for what, while it runs.
UPDATE strategy_build SET error = left(%(why)s, 1000) WHERE id = %(build)s AND state = 'running'

-- name: end_strategy_build
-- Offers: it is done, or failed with this error.
UPDATE strategy_build
SET state = CASE WHEN %(error)s::text IS NULL THEN 'done'::build_state ELSE 'failed' END,
    ended_at = now(), error = left(%(error)s, 1000)
WHERE id = %(build)s AND state = 'running'

-- name: dead_strategy_builds
-- Offers: whoever built for this subscriber is gone, or we would not have the lock.
SELECT id, subscriber_id AS subscriber, whole, tries, inputs FROM strategy_build
WHERE subscriber_id = %(subscriber)s AND state = 'running'
ORDER BY id

-- name: go_on_with_build
-- Offers: another program does.
UPDATE strategy_build SET tries = %(tries)s, builder = %(builder)s, error = NULL WHERE id = %(build)s

-- name: running_strategy_build
-- Offers: who builds for a subscriber now.
SELECT id, whole, builder, started_at, customers, done, error FROM strategy_build
WHERE subscriber_id = %(subscriber)s AND state = 'running'
ORDER BY id DESC LIMIT 1

-- name: builds_so_far
-- Offers: ids of all builds of these subscribers, and whether there are any of others.
SELECT ARRAY(SELECT id FROM strategy_build WHERE subscriber_id = ANY (%(subscribers)s)) AS ids,
       EXISTS (SELECT FROM strategy_build WHERE subscriber_id <> ALL (%(subscribers)s)) AS others

-- name: strategy_status
-- Offers: the latest builds of each subscriber, and the last one that is in force.
SELECT s.code AS subscriber, b.id, b.whole, b.state::text AS state, b.started_at, b.ended_at,
       b.builder, b.model_id, cardinality(b.catalogue) AS offers, b.customers, b.done, b.error,
       EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %(lock)s::oid
               AND objid = s.id::oid AND objsubid = 2 AND granted) AS alive
FROM subscriber s
CROSS JOIN LATERAL (
    SELECT * FROM strategy_build WHERE subscriber_id = s.id ORDER BY id DESC LIMIT %(limit)s
) AS b
WHERE %(codes)s::text[] IS NULL OR s.code = ANY (%(codes)s)
ORDER BY s.id, b.id DESC

-- name: strategies_in_force
-- Offers: what the last build of all was formed of, and when the last build of any kind began.
SELECT (array_agg(split_part(inputs, '@', 1) ORDER BY id DESC) FILTER (WHERE whole))[1] AS digest,
       max(started_at) AS since
FROM strategy_build WHERE subscriber_id = %(subscriber)s AND state = 'done'

-- name: mark_rested_customers
-- Customers: whoever has an offer whose cool-down has ended since; answers when that was asked.
SELECT mark_rested_customers_v1(%(subscriber)s, %(since)s) AS at

-- name: refresh_for_build
-- Customers: attributes anew; whose marks stand is kept for kept_marks, and the marks stay.
SELECT refresh_for_build_v1(%(subscribers)s, %(whole)s) AS changed

-- name: kept_marks
-- Customers: some of those.
SELECT kept_marks_v1(%(subscriber)s, %(above)s, %(limit)s) AS customers

-- name: forget_kept_marks
-- Customers: the lists of those are in force.
SELECT forget_kept_marks_v1(%(subscribers)s)

-- name: make_strategy_table
-- Both: an empty table to fill.
SELECT make_strategy_table_v1(%(table)s)

-- name: complete_strategy_table
-- Both: its index.
SELECT complete_strategy_table_v1(%(table)s)

-- name: take_over_strategies
-- Both: the lists in force that are of none of these builds.
SELECT take_over_strategies_v1(%(table)s, %(builds)s)

-- name: analyze_strategy_table
-- Both: its statistics.
SELECT analyze_strategy_table_v1(%(table)s)

-- name: swap_strategies
-- Both: the table takes the place of offer_strategy.
SELECT swap_strategies_v1(%(table)s, %(lock_ms)s)

-- name: strategy_blocker
-- Both: who has offer_strategy open, longest first.
SELECT l.pid, coalesce(a.application_name, '') AS program, coalesce(a.usename, '') AS "user",
       a.xact_start AS since
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.granted AND l.relation = 'offer_strategy'::regclass
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY a.xact_start NULLS LAST, l.pid
LIMIT 1

-- name: take_strategy_news
-- Both: the rows of the temporary table strategy_news are in force.
SELECT take_strategy_news_v1() AS customers

-- name: drop_strategy_tables
-- Both: what a build has filled.
SELECT drop_strategy_tables_v1(%(build)s)

-- name: take_stored
-- Both: a killed build's table under a new name; null when there is none.
SELECT take_stored_v1(%(table)s, %(new)s, %(builds)s) AS lists

-- name: stale_stored
-- Customers: of whom a list is stored that is out of date.
SELECT stale_stored_v1(%(table)s) AS customers

-- name: forget_stored
-- Both: nobody goes on from the lists of these customers.
SELECT forget_stored_v1(%(customers)s)

-- name: keep_left_customers
-- Customers: who has no list in a table is kept for left_customers.
SELECT subscriber, customers FROM keep_left_customers_v1(%(table)s, %(subscribers)s)

-- name: left_customers
-- Customers: some of those.
SELECT left_customers_v1(%(subscriber)s, %(above)s, %(limit)s) AS customers

-- name: settle_deletions
-- Customers: who was deleted lately.
SELECT settle_deletions_v1() AS customers

-- name: take_deletions
-- Offers, when they are in a database of their own: who was deleted lately.
SELECT take_deletions_v1(%(customers)s)

-- name: drop_deleted_strategies
-- Both: the lists of those are gone.
SELECT drop_deleted_strategies_v1('offer_strategy') AS lists
