-- A subscriber of its own for P4: 50 offers with a rule each, customers with a strategy, and a past.
-- Run again it changes nothing.

-- name: p4_subscriber
INSERT INTO subscriber (code, name) VALUES ('bench', 'Benchmark') ON CONFLICT (code) DO NOTHING

-- name: p4_group
INSERT INTO agent_group (subscriber_id, code, name)
SELECT id, 'bench-decide', 'Decide' FROM subscriber WHERE code = 'bench'
ON CONFLICT (code) DO NOTHING

-- name: p4_line
INSERT INTO did (number, subscriber_id, name, group_id, identify)
SELECT %(did)s, g.subscriber_id, 'Benchmark', g.id, 'account'
FROM agent_group g WHERE g.code = 'bench-decide'
ON CONFLICT (number) DO NOTHING

-- name: p4_policy
INSERT INTO decision_policy (subscriber_id, exploration)
SELECT id, 'epsilon' FROM subscriber WHERE code = 'bench'
ON CONFLICT (subscriber_id) DO NOTHING

-- name: p4_offers
-- Half of each kind; every fifth wants a skill.
INSERT INTO offer (subscriber_id, code, kind, title, description, script, url, value_cents, skill)
SELECT s.id, 'DECIDE-' || n, CASE WHEN n %% 2 = 0 THEN 'sales' ELSE 'service' END::offer_kind,
       'Offer ' || n, 'For benchmarks.', 'Hello {first_name}.',
       'https://bench.example/' || n || '?call={call}', n * 700, CASE WHEN n %% 5 = 0 THEN 'fiber' END
FROM subscriber s, generate_series(1, 50) AS n WHERE s.code = 'bench'
ON CONFLICT (subscriber_id, code) DO NOTHING

-- name: p4_rules
INSERT INTO offer_rule (offer_id, name, condition)
SELECT o.id, 'Pays, and is no newcomer', jsonb_build_object('all', jsonb_build_array(
    jsonb_build_object('attribute', 'segment', 'is', 'in', 'value', '["standard", "gold"]'::jsonb),
    jsonb_build_object('attribute', 'balance_cents', 'is', '<', 'value', 10000)))
FROM offer o JOIN subscriber s ON s.id = o.subscriber_id WHERE s.code = 'bench'
ON CONFLICT (offer_id, name) DO NOTHING

-- name: p4_customers
INSERT INTO customer (subscriber_id, code, first_name, last_name)
SELECT s.id, 'DECIDE-' || n, 'Kim', 'Bell' FROM subscriber s, generate_series(1, %(customers)s) AS n
WHERE s.code = 'bench'
ON CONFLICT (subscriber_id, code) DO NOTHING

-- name: p4_accounts
INSERT INTO account (customer_id, subscriber_id, number, product)
SELECT c.id, c.subscriber_id, (62000000 + substr(c.code, 8)::integer)::text, 'Fiber 300'
FROM customer c WHERE c.code LIKE 'DECIDE-%%'
ON CONFLICT (subscriber_id, number) DO NOTHING

-- name: p4_strategies
-- 30 offers are ranked, 20 kept out by a rule.
WITH build AS (
    INSERT INTO strategy_build (subscriber_id, whole, state, ended_at, catalogue, reasons)
    SELECT s.id, true, 'done', now(), array_agg(o.id ORDER BY o.id), '{rule:On mobile}'
    FROM subscriber s JOIN offer o ON o.subscriber_id = s.id
    WHERE s.code = 'bench' AND NOT EXISTS (SELECT FROM strategy_build b WHERE b.subscriber_id = s.id)
    GROUP BY s.id
    RETURNING id, subscriber_id, catalogue
)
INSERT INTO offer_strategy (customer_id, build_id, offers, p, ev_cents, kept_out)
SELECT c.id, b.id, b.catalogue[21:50], array_fill(0.1::real, ARRAY[30]), array_fill(1000, ARRAY[30]),
       decode(repeat('01', 20) || repeat('00', 30), 'hex')
FROM build b JOIN customer c ON c.subscriber_id = b.subscriber_id
ON CONFLICT DO NOTHING

-- name: p4_past
-- Each was presented ten offers, long ago.
INSERT INTO exposure (customer_id, offer_id, channel, at)
SELECT c.id, o.id, 'agent', now() - interval '90 days'
FROM customer c
JOIN subscriber s ON s.id = c.subscriber_id AND s.code = 'bench'
JOIN generate_series(21, 30) AS n ON true
JOIN offer o ON o.subscriber_id = s.id AND o.code = 'DECIDE-' || n
WHERE NOT EXISTS (SELECT FROM exposure e WHERE e.customer_id = c.id)

-- name: p4_call
-- A call of the customer with that number, known by account and SSN.
INSERT INTO call (id, subscriber_id, dnis, group_id, customer_id, account_id, identified_by, verified, cti)
SELECT gen_random_uuid(), c.subscriber_id, %(did)s, g.id, c.id, a.id, '{account,ssn}', true,
       jsonb_build_object('CUSTOMER_ID', c.code, 'SUBSCRIBER', 'bench')
FROM customer c
JOIN subscriber s ON s.id = c.subscriber_id AND s.code = 'bench'
JOIN account a ON a.customer_id = c.id
JOIN agent_group g ON g.code = 'bench-decide'
WHERE c.code = 'DECIDE-' || %(n)s
RETURNING id::text

-- name: p4_analyze
-- What autovacuum would have done by the time of a real call.
ANALYZE
