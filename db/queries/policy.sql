-- Who may be dialled, and who was not.

-- name: policy_facts
-- `number` is E.164 or null; `visitor`, `request` and `at` may be null.
SELECT policy_facts_v1(%(subscriber)s, %(number)s, %(visitor)s::uuid, %(request)s::uuid,
    %(at)s::timestamptz) AS facts

-- name: record_refusal
-- `reason` is the first of the reasons; `detail` (JSON) has all of them, with what the rules saw.
INSERT INTO policy_refusal (subscriber_id, request_id, visitor_id, number, reason, detail)
SELECT s.id, %(request)s::uuid, %(visitor)s::uuid, left(%(number)s, 40), %(reason)s, %(detail)s::jsonb
FROM subscriber s WHERE s.code = %(subscriber)s
