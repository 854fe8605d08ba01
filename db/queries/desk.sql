-- What the web desk asks. No query here selects customer.ssn_hash.

-- name: find_user
-- For the log-in: by user name.
SELECT u.id, u.username, u.password_hash, u.display_name, u.role::text AS role, u.active,
       d.sip_username AS device
FROM user_account u LEFT JOIN phone_device d ON d.user_id = u.id
WHERE u.username = %(username)s

-- name: user_by_id
SELECT u.id, u.username, u.display_name, u.role::text AS role, u.active, d.sip_username AS device
FROM user_account u LEFT JOIN phone_device d ON d.user_id = u.id
WHERE u.id = %(user)s

-- name: call_agent
-- Whose call it is; no row: there is no such call.
SELECT agent_id, state::text AS state, subscriber_id FROM call WHERE id = %(call)s

-- name: record_disposition
-- One row: kind, code, label, resulting_status, replayed. `offer` is the code of the offer that is spoken
-- of; null: whichever is attached. Errors: db.errors.
SELECT * FROM record_disposition_v1(
    %(call)s, %(agent)s, %(kind)s, %(code)s, %(note)s, %(key)s, %(offer)s)

-- name: save_note
SELECT save_note_v1(%(call)s, %(agent)s, %(body)s)

-- name: open_offer
-- `first` is true when the page was not opened before in this call.
SELECT open_offer_v1(%(call)s, %(agent)s, %(code)s) AS first

-- name: present_offer
-- Another offer of the ranking takes the place of the attached one of its kind; `changed` is false when
-- it already has.
SELECT present_offer_v1(%(call)s, %(agent)s, %(code)s) AS changed

-- name: offer_page
-- The offer as attached to this agent's call, and what its script may be filled with.
SELECT o.code, o.kind::text AS kind, o.title, o.description, o.script, co.url, co.opened_at,
       c.id AS call_id, k.first_name, k.last_name, k.code AS customer, k.segment,
       a.number AS account, a.product, u.display_name AS agent_name, s.name AS subscriber,
       to_char(f.expected_end AT TIME ZONE s.timezone, 'FMDay, FMHH12:MI AM') AS expected_end
FROM call_offer co
JOIN call c ON c.id = co.call_id
JOIN offer o ON o.id = co.offer_id
JOIN subscriber s ON s.id = o.subscriber_id
JOIN user_account u ON u.id = c.agent_id
LEFT JOIN customer k ON k.id = c.customer_id
LEFT JOIN account a ON a.id = c.account_id
LEFT JOIN LATERAL current_failure_v1(c.account_id) f ON true
WHERE co.call_id = %(call)s AND co.code = %(code)s AND c.agent_id = %(agent)s

-- name: search_customers
-- By `account`, `phone` (E.164) or beginning of `name`, the first that is not empty; at most 20 rows:
-- id, code, name, email, segment, city, accounts (JSON), phones. Only of the agent's subscribers.
SELECT * FROM search_customers_v1(%(agent)s, %(subscriber)s, %(account)s, %(phone)s, %(name)s)

-- name: attach_lookup
-- `query` is a JSON object (account, phone, name); answers the card.
SELECT attach_lookup_v1(%(call)s, %(agent)s, %(query)s::jsonb, %(customer)s, %(key)s) AS card

-- name: customer_calls
-- Latest calls of a customer, for agents of the subscriber; without the call that is shown.
SELECT c.id, c.started, c.dnis, g.name AS queue, c.outcome::text AS outcome, u.display_name AS agent,
       n.body AS note,
       coalesce((SELECT jsonb_agg(jsonb_build_object('kind', d.kind, 'code', d.code, 'label', dc.label)
                     ORDER BY d.kind)
                 FROM disposition d JOIN disposition_code dc ON dc.subscriber_id = d.subscriber_id
                     AND dc.kind = d.code_kind AND dc.code = d.code
                 WHERE d.call_id = c.id AND d.replaced_at IS NULL), '[]') AS dispositions
FROM call c
LEFT JOIN agent_group g ON g.id = c.group_id
LEFT JOIN user_account u ON u.id = c.agent_id
LEFT JOIN call_note n ON n.call_id = c.id
WHERE c.customer_id = %(customer)s AND c.id IS DISTINCT FROM %(call)s::uuid
  AND c.subscriber_id IN (SELECT subscribers_of_agent_v1(%(agent)s))
ORDER BY c.started DESC
LIMIT %(limit)s

-- name: customer_offers
-- What a customer is offered, best first, then what became of earlier offers.
SELECT o.code, o.title, o.kind::text AS kind, coalesce(co.status, 'open')::text AS status,
       co.updated_at, o.url IS NOT NULL AS has_url, coalesce(x.times, 0) AS presented,
       x.last_at AS presented_at
FROM customer c
JOIN offer o ON o.subscriber_id = c.subscriber_id
LEFT JOIN exposures_of_v1(%(customer)s) x ON x.offer_id = o.id
LEFT JOIN customer_offer co ON co.customer_id = c.id AND co.offer_id = o.id
LEFT JOIN offer_strategy st ON st.customer_id = c.id
WHERE c.id = %(customer)s AND (co.status IS NOT NULL OR o.id = ANY (st.offers))
  AND o.subscriber_id IN (SELECT subscribers_of_agent_v1(%(agent)s))
ORDER BY o.kind, array_position(st.offers, o.id), o.code

-- name: subscriber_zones
-- In which zone a customer of each subscriber understands a time of day.
SELECT code, timezone FROM subscriber

-- name: agent_recent_calls
-- What this agent talked about lately, for the desk between two calls.
SELECT c.id, c.ani, c.started, c.answered, c.ended, g.name AS queue,
       k.first_name || ' ' || k.last_name AS customer,
       coalesce((SELECT jsonb_agg(dc.label ORDER BY d.kind)
                 FROM disposition d JOIN disposition_code dc ON dc.subscriber_id = d.subscriber_id
                     AND dc.kind = d.code_kind AND dc.code = d.code
                 WHERE d.call_id = c.id AND d.replaced_at IS NULL), '[]') AS results
FROM call c
LEFT JOIN agent_group g ON g.id = c.group_id
LEFT JOIN customer k ON k.id = c.customer_id
WHERE c.agent_id = %(agent)s AND c.answered IS NOT NULL AND c.ended IS NOT NULL
  AND c.started > now() - interval '16 hours'
ORDER BY c.started DESC
LIMIT %(limit)s
