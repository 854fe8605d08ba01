-- The world of P5: one subscriber with fifty offers and millions of customers, of whom only what a build
-- reads is there. In a database of its own, with triggers and foreign keys off (session_replication_role):
-- that the customers themselves are missing is nothing to a build.

-- name: p5_subscriber
INSERT INTO subscriber (id, code, name, timezone, country)
VALUES (1, 'bench', 'Benchmarks', 'America/New_York', 'US')

-- name: p5_offers
-- All of them active and valid: the most work there can be.
INSERT INTO offer (id, subscriber_id, code, kind, title, description, script, value_cents, cooldown_days,
                   max_exposures, prior_p, prior_weight)
SELECT n, 1, 'OFFER-' || n, CASE WHEN n %% 2 = 0 THEN 'sales' ELSE 'service' END::offer_kind, 'Offer ' || n,
       'For benchmarks.', 'Hello {first_name}.', 500 + 700 * n, 10 + n, 3, 0.02 + n * 0.004, 20
FROM generate_series(1, %(offers)s) AS n

-- name: p5_rule
INSERT INTO offer_rule (offer_id, name, condition) VALUES (%(offer)s, %(name)s, %(condition)s)

-- name: p5_exclusions
INSERT INTO offer_exclusion SELECT n, n + 1 FROM generate_series(1, %(offers)s - 1, 10) AS n

-- name: p5_model
INSERT INTO propensity_model (subscriber_id, state, features, parameters, card)
VALUES (1, 'in_use', %(features)s, %(parameters)s, '{}')

-- name: p5_features
-- Numbers that look like those of a company; hashes, so that they are the same each time.
INSERT INTO customer_feature
SELECT n, 1,
       (ARRAY['standard', 'standard', 'standard', 'silver', 'gold'])[1 + (h & 1023) %% 5],
       (ARRAY['en', 'en', 'en', 'es'])[1 + (h >> 10 & 1023) %% 4],
       (ARRAY['NY', 'NJ', 'CT', 'PA', 'IL', 'OH', 'TX', 'CA'])[1 + (h >> 20 & 1023) %% 8],
       (ARRAY['Fiber 300', 'Fiber 600', 'Fiber 1000', 'Mobile', 'Mobile Plus'])[1 + (g & 1023) %% 5],
       (h >> 3 & 8191) %% 6000, 1 + (h >> 7 & 3) / 3, (h >> 9 & 63) = 0, (g >> 4 & 16383) - 1000,
       (h >> 11 & 7), (h >> 14 & 3), (h >> 16 & 15), (g >> 6 & 15), (g >> 2 & 65535) %% 50000,
       CASE WHEN (g >> 6 & 15) = 0 THEN 36500 ELSE (g >> 9 & 255) END,
       (h >> 5 & 3), (h >> 8 & 7) / 7, (g >> 12 & 3), (g >> 14 & 511), now()
FROM (SELECT n, hashint8(n) & 2147483647 AS h, hashint8(n + 7777777777) & 2147483647 AS g
      FROM generate_series(1::bigint, %(customers)s) AS n) AS one

-- name: p5_exposures
-- One customer in five was presented an offer lately.
INSERT INTO exposure (customer_id, offer_id, channel, at)
SELECT n * 5, 1 + n %% %(offers)s, 'agent', now() - make_interval(days => (n %% 80)::integer)
FROM generate_series(1::bigint, %(customers)s / 5) AS n

-- name: p5_answers
-- One in sixteen has answered about one.
INSERT INTO customer_offer (customer_id, offer_id, status)
SELECT n * 16, 1 + n %% %(offers)s, (ARRAY['accepted', 'declined', 'later'])[1 + n %% 3]::offer_status
FROM generate_series(1::bigint, %(customers)s / 16) AS n

-- name: p5_sums
-- What the lists say, to be compared with the peer's.
SELECT count(*) AS lists, sum(cardinality(offers)) AS offers,
       sum((SELECT sum(ev) FROM unnest(ev_cents) AS ev)) AS ev_cents
FROM offer_strategy
