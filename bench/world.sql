-- The benchmarks' own groups, lines, agents, offers and customers, all of subscriber halyard.
-- Run again it changes nothing. Numbers of agents and customers are parameters.

-- name: groups
INSERT INTO agent_group (subscriber_id, code, name, wrapup_seconds, ring_seconds, max_waiting)
SELECT s.id, g.code, 'Load', 0, 20, 10000
FROM subscriber s, (VALUES ('bench-load'), ('bench-pop')) AS g (code)
WHERE s.code = 'halyard'
ON CONFLICT (code) DO NOTHING

-- name: lines
INSERT INTO did (number, subscriber_id, name, menu, group_id, identify)
SELECT l.number, g.subscriber_id, 'Benchmark', l.menu, g.id, l.identify::identify_policy
FROM (VALUES ('+12025550190', 'ivr-main', 'bench-load', 'account'),
             ('+12025550191', 'ivr-bench-queue', 'bench-load', 'account'),
             ('+12025550192', 'ivr-main', 'bench-pop', 'none')) AS l (number, menu, code, identify)
JOIN agent_group g ON g.code = l.code
ON CONFLICT (number) DO NOTHING

-- name: agents
-- With the desk password of the demo world's first agent.
INSERT INTO user_account (username, password_hash, display_name)
SELECT 'bench-' || to_char(n, 'FM0000'), ava.password_hash, 'Agent ' || n
FROM generate_series(1, %(agents)s) AS n, user_account ava
WHERE ava.username = 'ava'
ON CONFLICT (username) DO NOTHING

-- name: members
-- Agent 1 is alone in the group of P2; all others share the load.
INSERT INTO group_member (group_id, user_id)
SELECT g.id, u.id
FROM user_account u
JOIN agent_group g ON g.code = CASE u.username WHEN 'bench-0001' THEN 'bench-pop' ELSE 'bench-load' END
WHERE u.username LIKE 'bench-%%'
ON CONFLICT DO NOTHING

-- name: phones
INSERT INTO phone_device (user_id, sip_username, ha1)
SELECT u.id, 'phone-' || u.username,
       md5('phone-' || u.username || ':' || %(realm)s || ':' || %(password)s)
FROM user_account u WHERE u.username LIKE 'bench-%%'
ON CONFLICT (user_id) DO NOTHING

-- name: offers
INSERT INTO offer (subscriber_id, code, kind, title, description, script, url)
SELECT s.id, 'BENCH-' || upper(k.kind), k.kind::offer_kind, 'Fiber', 'For benchmarks.',
       'Hello {first_name}.', %(web)s || '/offers/BENCH-' || upper(k.kind) || '?call={call}'
FROM subscriber s, (VALUES ('sales'), ('service')) AS k (kind)
WHERE s.code = 'halyard'
ON CONFLICT (subscriber_id, code) DO NOTHING

-- name: customers
INSERT INTO customer (subscriber_id, code, first_name, last_name)
SELECT s.id, 'BENCH-' || n, 'Kim', 'Bell'
FROM subscriber s, generate_series(1, %(customers)s) AS n
WHERE s.code = 'halyard'
ON CONFLICT (subscriber_id, code) DO NOTHING

-- name: accounts
INSERT INTO account (customer_id, subscriber_id, number, product)
SELECT c.id, c.subscriber_id, (61000000 + substr(c.code, 7)::integer)::text, 'Fiber'
FROM customer c WHERE c.code LIKE 'BENCH-%%'
ON CONFLICT (subscriber_id, number) DO NOTHING

-- name: strategies
INSERT INTO offer_strategy (customer_id, build_id, offers, p, ev_cents, kept_out)
SELECT c.id, 0, array_agg(o.id ORDER BY o.id), array_agg(o.prior_p), array_agg(0), ''
FROM customer c JOIN offer o ON o.subscriber_id = c.subscriber_id AND o.code LIKE 'BENCH-%%'
WHERE c.code LIKE 'BENCH-%%'
GROUP BY c.id
ON CONFLICT DO NOTHING

-- name: social_security_number
UPDATE customer SET ssn_hash = %(hash)s, ssn_last4 = %(last4)s
WHERE code = 'BENCH-' || %(n)s AND ssn_hash IS NULL

-- name: everybody
SELECT id, username FROM user_account WHERE username LIKE 'bench-%%' ORDER BY username

-- name: open_call
SELECT open_call_v1(%(call)s, %(dnis)s, %(ani)s)

-- name: identify_call
SELECT identify_by_ani_v1(%(call)s)

-- name: verify_call
SELECT verify_account_v1(%(call)s, %(account)s, %(hash)s::bytea)

-- name: calls_since
-- Calls of a line since a moment: verified, answered by an agent, and legs of agents.
SELECT count(*) FILTER (WHERE verified) AS verified,
       count(*) FILTER (WHERE outcome = 'answered' AND state = 'ended') AS answered,
       coalesce(sum((SELECT count(*) FROM call_leg l WHERE l.call_id = c.id AND l.role = 'agent')), 0)
           ::integer AS agent_legs
FROM call c WHERE c.dnis = %(dnis)s AND c.started >= %(since)s
