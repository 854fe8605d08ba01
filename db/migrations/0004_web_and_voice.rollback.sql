DROP INDEX audit_entry_actor;
DROP TABLE usage_line, webhook_delivery, webhook_endpoint, merchant_entry, visitor_survey, page_push;
DROP TYPE delivery_state, entry_kind, push_origin;

ALTER TABLE agent_group DROP COLUMN offer_callback_after_seconds, DROP COLUMN version;
ALTER TABLE user_account DROP COLUMN pin_hash;
DELETE FROM phone_device WHERE sip_username IS NULL;
ALTER TABLE phone_device DROP CONSTRAINT phone_device_one_kind;
ALTER TABLE phone_device DROP CONSTRAINT phone_device_secret;
ALTER TABLE phone_device DROP COLUMN number;
ALTER TABLE phone_device ALTER COLUMN sip_username SET NOT NULL;
ALTER TABLE phone_device ALTER COLUMN ha1 SET NOT NULL;

ALTER TYPE call_outcome RENAME TO call_outcome_after;
CREATE TYPE call_outcome AS ENUM (
    'answered', 'abandoned', 'abandoned_ivr', 'closed', 'fallback', 'failed'
);
ALTER TABLE call ALTER COLUMN outcome TYPE call_outcome USING (
    CASE WHEN outcome::text IN ('answered', 'abandoned', 'abandoned_ivr', 'closed', 'fallback', 'failed')
        THEN outcome::text WHEN outcome IS NOT NULL THEN 'failed' END)::call_outcome;
DROP TYPE call_outcome_after;

UPDATE call SET identified_by = array_remove(array_remove(identified_by, 'code'), 'proof')
    WHERE identified_by && ARRAY['code', 'proof'];
ALTER TABLE call DROP CONSTRAINT call_identified_by_check;
ALTER TABLE call ADD CONSTRAINT call_identified_by_check
    CHECK (identified_by <@ ARRAY['ani', 'account', 'ssn', 'agent']);
ALTER TABLE call DROP COLUMN request_id;
ALTER TABLE call DROP COLUMN signed_on;

DROP TABLE policy_refusal, callback_attempt, request_event, call_request, visitor_session, tariff,
    do_not_call, dialling_policy, routing_rule, page, web_presence, subscriber_secret;
DROP FUNCTION tell_merchant();
DROP FUNCTION tell_request();
DROP FUNCTION check_attempt_state();
DROP FUNCTION check_request_state();
DROP FUNCTION check_live_secrets();
DROP TYPE attempt_outcome, attempt_state, request_state, request_source, sign_on, placement,
    route_destination, page_framing;
