ALTER TABLE purchase DROP COLUMN order_id;
DROP TABLE location_staff, outbox, payment_link, web_client, web_code, enrolment, order_event, order_line,
    sales_order, order_number, speed_dial, client_audio, preference, location_without, location_method,
    product_option, product, product_category;
DROP FUNCTION check_order_state, tell_order;
DROP TYPE enrolment_state, billing_method, order_source, order_state, preference_origin, delivery_method;
ALTER TABLE location
    DROP CONSTRAINT location_of_subscriber,
    DROP COLUMN schedule_id, DROP COLUMN max_open_orders, DROP COLUMN accept_minutes, DROP COLUMN active,
    DROP COLUMN paused_at;
-- A value cannot be taken from an enum: the type is made anew. Nobody of role location is left behind.
UPDATE audit_entry SET actor_id = NULL
WHERE actor_id IN (SELECT id FROM user_account WHERE role::text = 'location');
DELETE FROM user_account WHERE role::text = 'location';
ALTER TABLE user_account ALTER COLUMN role DROP DEFAULT;
ALTER TYPE user_role RENAME TO user_role_before;
CREATE TYPE user_role AS ENUM ('agent', 'supervisor', 'ops', 'admin');
ALTER TABLE user_account ALTER COLUMN role TYPE user_role USING role::text::user_role;
ALTER TABLE user_account ALTER COLUMN role SET DEFAULT 'agent';
DROP TYPE user_role_before;
UPDATE call SET outcome = 'answered' WHERE outcome::text = 'automated';
ALTER TYPE call_outcome RENAME TO call_outcome_before;
CREATE TYPE call_outcome AS ENUM (
    'answered', 'abandoned', 'abandoned_ivr', 'closed', 'fallback', 'failed',
    'callback',   -- left the queue to be called back
    'busy', 'no_answer', 'voicemail', 'refused', 'no_agent', 'not_proved', 'cancelled'
);
ALTER TABLE call ALTER COLUMN outcome TYPE call_outcome USING outcome::text::call_outcome;
DROP TYPE call_outcome_before;
