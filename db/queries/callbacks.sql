-- Requests to be called and the attempts at them; see db/functions/81_callbacks.sql.

-- name: make_request
-- `wish`: JSON object, its keys stand at read_request_v1. One row: request, made (false: it was there
-- by its key). Errors: KeyReused, UnknownTarget.
SELECT request, made FROM make_request_v1(%(wish)s::jsonb)

-- name: cancel_request
-- {state, call}; tell the app of `call` when it is not null. Errors: UnknownRequest, RequestOver.
SELECT cancel_request_v1(%(request)s, %(by)s) AS cancelled

-- name: move_request
-- Errors: UnknownRequest, RequestOver.
SELECT move_request_v1(%(request)s, %(due)s, %(by)s)

-- name: request_as_json
-- Null: there is no such request.
SELECT request_json_v1(%(request)s) AS request

-- name: lock_claims
-- Until the end of the transaction nobody else claims; so what is free may be counted first.
SELECT lock_claims_v1()

-- name: claim_callbacks
-- `room`: JSON object of group code -> how many may be begun, or null for no limit;
-- `per_minute`: how many a minute for all subscribers together.
SELECT claim_callback_v1(%(worker)s, %(lease_s)s, %(limit)s, %(room)s::jsonb, %(per_minute)s) AS attempt

-- name: hand_over_callback
-- False: it must not be handed to the app.
SELECT hand_over_callback_v1(%(attempt)s) AS handed

-- name: refuse_callback
-- `later` null: for good.
SELECT refuse_attempt_v1(%(attempt)s, %(reason)s, %(later)s) AS state

-- name: expired_attempts
SELECT expired_attempts_v1(%(worker)s, %(lease_s)s, %(limit)s) AS expired

-- name: extend_lease
SELECT extend_lease_v1(%(attempts)s::uuid[], %(lease_s)s) AS extended

-- name: end_attempt
SELECT end_attempt_v1(%(attempt)s, %(outcome)s, %(sip_code)s) AS state

-- name: give_up_requests
SELECT give_up_requests_v1(%(older)s::interval) AS given_up

-- name: next_callback
-- When there is something to do next: a request becomes due, or a lease runs out; null for never.
-- `held`: something is due and waits for an agent or a line.
SELECT EXISTS (SELECT FROM call_request WHERE state = 'waiting' AND due_at <= clock_timestamp()) AS held,
least(
    (SELECT min(due_at) FROM call_request WHERE state = 'waiting' AND due_at > clock_timestamp()),
    (SELECT min(lease_until) FROM callback_attempt WHERE state <> 'ended')) AS at

-- name: callbacks_waiting
-- Groups for which somebody is due, the first of them (priority, entered_ms), and the attempts under
-- way (ids) that have no agent yet.
WITH due AS (
    SELECT u.group_id, count(*)::integer AS n, max(u.priority)::integer AS priority,
           min(ms_of_v1(q.entered_at)) AS entered_ms
    FROM call_request q JOIN routing_rule u ON u.id = q.rule_id
    WHERE q.state = 'waiting' AND q.due_at <= clock_timestamp()
    GROUP BY u.group_id
), under_way AS (
    SELECT u.group_id, jsonb_agg(a.id) AS ids
    FROM callback_attempt a
    JOIN call_request q ON q.id = a.request_id
    JOIN routing_rule u ON u.id = q.rule_id
    LEFT JOIN call c ON c.id = a.id
    WHERE a.state <> 'ended' AND coalesce(c.state, 'ivr') IN ('ivr', 'queued')
    GROUP BY u.group_id
)
SELECT g.code, due.n AS due, due.priority, due.entered_ms, coalesce(under_way.ids, '[]') AS under_way
FROM due JOIN agent_group g ON g.id = due.group_id LEFT JOIN under_way ON under_way.group_id = g.id
ORDER BY due.priority DESC, due.entered_ms
