-- A location's board, and what the worker does about orders.

-- name: all_locations
-- Every location at work, for whoever may choose one.
SELECT l.id, l.code, l.name, l.city, l.paused_at IS NOT NULL AS paused, s.name AS subscriber,
    (SELECT count(*) FROM sales_order o WHERE o.location_id = l.id AND o.state = 'placed') AS placed,
    (SELECT count(*) FROM sales_order o WHERE o.location_id = l.id AND o.state IN ('accepted', 'ready')) AS under_way
FROM location l JOIN subscriber s ON s.id = l.subscriber_id
WHERE l.active ORDER BY s.name, l.name

-- name: board_location
-- Null: there is no such location.
SELECT board_location_v1(%(location)s) AS location

-- name: pause_location
SELECT pause_location_v1(%(location)s, %(paused)s, %(user)s) AS location

-- name: lack_product
-- Error: BadOrder.
SELECT lack_product_v1(%(location)s, %(product)s, %(without)s, %(user)s) AS location

-- name: board_advance
-- As advance_order, with a reason, and in how many minutes it is ready.
SELECT advance_order_v1(%(order)s, %(state)s::order_state, %(by)s, %(version)s, %(why)s, %(minutes)s) AS "order"

-- -- The worker

-- name: order_news
-- An order as it is now, and whom it concerns.
SELECT o.id, o.version, o.subscriber_id, o.customer_id, o.location_id, o.passed_over, o.updated_at,
    order_json_v1(o.id, %(change_minutes)s) AS "order"
FROM sales_order o WHERE o.id = %(order)s AND o.placed_at IS NOT NULL

-- name: order_news_since
-- The same of all that changed since then, the oldest change first; the next part begins after the last row.
SELECT o.id, o.version, o.subscriber_id, o.customer_id, o.location_id, o.passed_over, o.updated_at,
    order_json_v1(o.id, %(change_minutes)s) AS "order"
FROM sales_order o
WHERE o.placed_at IS NOT NULL AND (o.updated_at, o.id) > (%(since)s, %(after)s)
ORDER BY o.updated_at, o.id LIMIT %(limit)s

-- name: subscriber_locations
-- Null: there is no such subscriber.
SELECT locations_json_v1(s.id) AS locations FROM subscriber s WHERE s.code = %(subscriber)s

-- name: queue_message
SELECT queue_message_v1(%(id)s, %(order)s, %(subject)s, %(body)s) AS queued

-- -- Who works there

-- name: staff_list
SELECT u.username, u.display_name, u.role, u.active, s.code || '/' || l.code AS location
FROM user_account u
LEFT JOIN location_staff f ON f.user_id = u.id
LEFT JOIN location l ON l.id = f.location_id
LEFT JOIN subscriber s ON s.id = l.subscriber_id
WHERE u.role <> 'agent' ORDER BY u.role, u.username

-- name: location_by_code
SELECT l.id FROM location l JOIN subscriber s ON s.id = l.subscriber_id
WHERE s.code = %(subscriber)s AND l.code = %(location)s

-- name: account_role
SELECT role::text AS role FROM user_account WHERE username = %(username)s

-- name: add_staff
-- No row: the name is taken.
INSERT INTO user_account (username, password_hash, display_name, role)
VALUES (%(username)s, %(password_hash)s, %(name)s, 'location')
ON CONFLICT (username) DO NOTHING RETURNING id

-- name: place_staff
-- At this location from now on. No row: there is no such log-in of a location.
INSERT INTO location_staff (user_id, location_id)
SELECT u.id, %(location)s FROM user_account u WHERE u.username = %(username)s AND u.role = 'location'
ON CONFLICT (user_id) DO UPDATE SET location_id = excluded.location_id RETURNING user_id

-- name: staff_password
UPDATE user_account SET password_hash = %(password_hash)s
WHERE username = %(username)s AND role = 'location' RETURNING id

-- name: staff_active
UPDATE user_account SET active = %(active)s
WHERE username = %(username)s AND role = 'location' RETURNING id
