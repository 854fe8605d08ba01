-- What the operations pages ask about orders.

-- name: ops_usual_by_day
-- What suggestion_share_v1 counts, by day in the subscriber's zone and by where it was ordered.
SELECT (o.placed_at AT TIME ZONE %(zone)s)::date AS day, o.source::text AS source, count(*) AS orders,
       count(*) FILTER (WHERE o.suggestion = 1) AS first_taken, count(o.suggestion) AS any_taken
FROM sales_order o
WHERE o.subscriber_id = %(subscriber)s AND o.placed_at > now() - make_interval(days => %(days)s)
  AND o.suggested <> '[]' AND o.state <> 'cancelled'
GROUP BY 1, 2 ORDER BY 1, 2
