-- Calls, for tools and for whoever shows what happened.

-- name: recent_calls
SELECT recent_calls_v1(%(limit)s) AS call

-- name: call_as_json
SELECT call_json_v1(c) AS call FROM call c WHERE c.id = %(call)s

-- name: call_timeline
SELECT at, name, data FROM call_event WHERE call_id = %(call)s ORDER BY at, id

-- name: routes
-- Every number that can be dialled, and where it leads.
SELECT d.number, d.name, s.code AS subscriber, d.menu, g.code AS queue, d.identify::text AS identify,
       h.name AS schedule
FROM did d
JOIN subscriber s ON s.id = d.subscriber_id
JOIN agent_group g ON g.id = d.group_id
LEFT JOIN schedule h ON h.id = d.schedule_id
ORDER BY d.number
