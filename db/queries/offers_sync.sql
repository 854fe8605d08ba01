-- Copying between the customers database and the offers database (db/offer_sync.py).

-- name: read_rows
SELECT read_rows_v1(%(table)s::text::regclass) AS rows

-- name: take_rows
SELECT taken, added FROM take_rows_v1(%(table)s::text::regclass, %(rows)s)

-- name: skip_ids
SELECT skip_ids_v1(%(table)s)

-- name: withdraw_offers
SELECT withdraw_offers_v1(%(ids)s) AS code

-- name: drop_exclusions
SELECT * FROM drop_exclusions_v1(%(rows)s)

-- name: lock_offer_sync
SELECT pg_advisory_xact_lock(hashtextextended('offer_sync', 0))

-- name: has_offers
SELECT EXISTS (SELECT FROM offer) AS found

-- name: list_offers
SELECT o.id, s.code::text AS subscriber, o.code::text AS code, o.kind::text AS kind,
    o.title::text AS title, o.value_cents, o.active, to_jsonb(o) AS whole
FROM offer o JOIN subscriber s ON s.id = o.subscriber_id
WHERE %(subscriber)s::text IS NULL OR s.code = %(subscriber)s::text
ORDER BY s.code, o.kind, o.code

-- name: database_exists
SELECT datname FROM pg_database WHERE datname = %(name)s
