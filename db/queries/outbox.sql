-- E-mail to clients: see db/functions/98_web_orders.sql.

-- name: claim_mails
SELECT id, recipient, subject, body, attempts FROM claim_mails_v1(%(lease_s)s, %(limit)s)

-- name: end_mail_try
SELECT end_mail_try_v1(%(mail)s, %(attempt)s::integer, %(error)s, %(retry_s)s::integer) AS noted

-- name: retry_mail
SELECT retry_mail_v1(%(mail)s) AS retried

-- name: mails
-- The latest, of a state when it is given (null: of all).
SELECT m.id, s.code::text AS subscriber, m.recipient, m.subject, m.state, m.attempts, m.next_at,
       m.last_error, m.created_at, m.sent_at
FROM outbox m JOIN subscriber s ON s.id = m.subscriber_id
WHERE %(state)s::text IS NULL OR m.state = %(state)s
ORDER BY m.created_at DESC, m.id LIMIT %(limit)s
