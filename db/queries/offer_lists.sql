-- Offers for one customer outside calls.

-- name: customer_of_subscriber
-- A subscriber's own customer by code; no row for another's.
SELECT id, code::text AS code FROM customer
WHERE subscriber_id = %(subscriber)s AND code = %(code)s::text

-- name: latest_list
-- What was decided last for a customer in a channel without a call, not before `since`.
SELECT id::text AS id, at, ranking FROM decision
WHERE customer_id = %(customer)s AND channel = %(channel)s::text::contact_channel
  AND call_id IS NULL AND at >= %(since)s::timestamptz
ORDER BY at DESC LIMIT 1

-- name: listed_urls
SELECT offer, url FROM listed_urls_v1(%(customer)s, %(offers)s::integer[])

-- name: expose_listed_offer
SELECT expose_listed_offer_v1(%(decision)s, %(customer)s, %(offer)s::integer, %(channel)s) AS first
