-- depends: 0006_orders
-- What proves a telephone number, and what has to be paid back.

-- -- Numbers that were only typed or keyed

-- customer_phone has numbers from which a client called; enrolment.number has the one that was claimed. Who has
-- ordered by telephone stays known by it: that was no mere claim, of which a call without a number leaves no trace.
DELETE FROM customer_phone p USING enrolment e
WHERE e.customer_id = p.customer_id AND e.number = p.number
  AND NOT EXISTS (SELECT FROM call c WHERE c.customer_id = p.customer_id AND c.ani = p.number)
  AND NOT EXISTS (SELECT FROM web_client w WHERE w.customer_id = p.customer_id AND w.proved)
  AND NOT EXISTS (SELECT FROM sales_order o
                  WHERE o.customer_id = p.customer_id AND o.source = 'phone' AND o.placed_at IS NOT NULL);
COMMENT ON COLUMN enrolment.number IS
    'Personal data: to call back; keyed or typed it proves nothing until a call comes from it';
CREATE INDEX enrolment_number ON enrolment (subscriber_id, number);

-- -- Paid orders that were cancelled

ALTER TABLE payment_link
    ADD COLUMN owed_at timestamptz,
    ADD COLUMN repaid_at timestamptz,
    ADD COLUMN repaid_by integer REFERENCES user_account,
    ADD COLUMN claimed_by integer REFERENCES user_account,
    ADD COLUMN claimed_until timestamptz,
    ADD CONSTRAINT payment_link_owed CHECK (owed_at IS NULL OR state = 'paid'),
    ADD CONSTRAINT payment_link_claimed CHECK (
        (claimed_by IS NULL) = (claimed_until IS NULL)
        AND (claimed_by IS NULL OR owed_at IS NOT NULL AND repaid_at IS NULL)),
    ADD CONSTRAINT payment_link_repaid CHECK (
        (repaid_at IS NULL) = (repaid_by IS NULL) AND (repaid_at IS NULL OR owed_at IS NOT NULL));
COMMENT ON COLUMN payment_link.owed_at IS 'Paid, and the order was cancelled: a person has to pay it back';
COMMENT ON COLUMN payment_link.repaid_at IS 'When a person said that it was paid back';
COMMENT ON COLUMN payment_link.claimed_by IS 'The agent who pays it back now';
UPDATE payment_link m SET owed_at = coalesce(o.ended_at, now()) FROM sales_order o
WHERE o.id = m.order_id AND o.state = 'cancelled' AND m.state = 'paid';
CREATE INDEX payment_link_to_pay_back ON payment_link (owed_at) WHERE owed_at IS NOT NULL AND repaid_at IS NULL;

-- -- What is forgotten after a while

CREATE INDEX sales_order_abandoned ON sales_order (ended_at) WHERE state = 'abandoned';
CREATE INDEX outbox_failed ON outbox (next_at) WHERE state = 'failed';
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE state = 'sent';
-- What is deleted takes its e-mails with it.
CREATE INDEX outbox_order ON outbox (order_id) WHERE order_id IS NOT NULL;
