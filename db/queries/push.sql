-- What agents push to visitors' browsers from the desk, and what they write to the merchant.

-- name: pages_to_push
-- The pages of a subscriber, in the order of their digits.
SELECT id, digits, title, url, framing::text AS framing FROM active_pages_v1(%(subscriber)s)
ORDER BY length(digits), digits

-- name: link_hosts
-- Hosts of which any address may be pushed.
SELECT coalesce(w.link_hosts, '{}') AS hosts
FROM subscriber s LEFT JOIN web_presence w ON w.subscriber_id = s.id WHERE s.code = %(subscriber)s

-- name: push_pages
-- Rows as the browser is told of them. Errors: db.errors.
SELECT * FROM push_pages_v1(%(call)s, %(agent)s, %(subscriber)s, %(visitor)s, %(at_ms)s,
    %(pushes)s::jsonb)

-- name: save_entry
-- When the form was stored; the same id again answers the same. Errors: db.errors.
SELECT save_entry_v1(%(id)s, %(call)s, %(agent)s, %(kind)s, %(fields)s::jsonb) AS at
