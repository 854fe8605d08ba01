-- What the dialplan asks. Each is one SQL function and one round trip.

-- name: open_call
-- One row: subscriber, subscriber_name, menu, queue, identify, schedule (JSON or null). No row: unknown DID.
SELECT * FROM open_call_v1(%(call)s, %(dnis)s, %(ani)s, %(channel)s)

-- name: identify_by_ani
SELECT identify_by_ani_v1(%(call)s) AS status

-- name: verify_account
-- `ssn_hash` is cordboard.identity.hash_ssn() or null; the digits never come here.
SELECT verify_account_v1(%(call)s, %(account)s, %(ssn_hash)s::bytea) AS status

-- name: find_notice
-- At most one row: id, code, title, notice (the text to speak), expected_end.
SELECT * FROM find_notice_v1(%(call)s)

-- name: close_call
-- `outcome`: abandoned_ivr, closed, fallback or failed. Changes nothing once the app has the call.
SELECT close_call_v1(%(call)s, %(outcome)s) AS closed
