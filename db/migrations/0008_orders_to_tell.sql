-- depends: 0007_proof_and_paying_back
-- Clients who come for an order that is made elsewhere now, and to whom nobody can write so.

ALTER TABLE sales_order ADD COLUMN to_tell boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN sales_order.to_tell IS
    'Made elsewhere than the client was told, who has no e-mail address: a person, or the next call, says so';
CREATE INDEX sales_order_to_tell ON sales_order (subscriber_id, placed_at) WHERE to_tell;
