DROP INDEX outbox_order, outbox_sent, outbox_failed, sales_order_abandoned, payment_link_to_pay_back, enrolment_number;
ALTER TABLE payment_link DROP COLUMN claimed_until, DROP COLUMN claimed_by, DROP COLUMN repaid_by, DROP COLUMN repaid_at, DROP COLUMN owed_at;
COMMENT ON COLUMN enrolment.number IS 'Personal data: confirmed by the client, also as the number to call back';
INSERT INTO customer_phone (customer_id, number) SELECT customer_id, number FROM enrolment ON CONFLICT DO NOTHING;
