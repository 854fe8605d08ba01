-- What the operations pages ask, and how they change what callers and visitors meet.
--
-- A row is changed in three steps of one transaction: `lock_…` reads it as it is, `update_…` writes it
-- and answers it in the same form, `add_audit_entry` keeps the difference.

-- name: add_audit_entry
INSERT INTO audit_entry (actor_id, action, entity, data)
VALUES (%(actor)s, %(action)s, %(entity)s, %(data)s)

-- name: subscribers
SELECT id, code, name, timezone, country FROM subscriber ORDER BY name

-- -- Pages to push

-- name: ops_pages
-- `search` is found in digits, title and URL; empty finds all.
SELECT p.id, p.subscriber_id, p.digits, p.title, p.url, p.framing::text AS framing, p.promotion,
       p.active, p.version
FROM page p
WHERE p.subscriber_id = %(subscriber)s
  AND (%(search)s = '' OR p.digits = %(search)s
       OR strpos(lower(p.title || ' ' || p.url), lower(%(search)s)) > 0)
ORDER BY p.active DESC, length(p.digits), p.digits

-- name: lock_page
SELECT p.id, p.subscriber_id, p.digits, p.title, p.url, p.framing::text AS framing, p.promotion,
       p.active, p.version
FROM page p WHERE p.id = %(id)s FOR UPDATE

-- name: insert_page
INSERT INTO page (subscriber_id, digits, title, url, framing, promotion, active)
VALUES (%(subscriber_id)s, %(digits)s, %(title)s, %(url)s, %(framing)s, %(promotion)s, %(active)s)
RETURNING id, subscriber_id, digits, title, url, framing::text AS framing, promotion, active, version

-- name: update_page
UPDATE page SET digits = %(digits)s, title = %(title)s, url = %(url)s, framing = %(framing)s,
    promotion = %(promotion)s, active = %(active)s, version = version + 1
WHERE id = %(id)s
RETURNING id, subscriber_id, digits, title, url, framing::text AS framing, promotion, active, version
