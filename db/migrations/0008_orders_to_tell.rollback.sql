DROP INDEX sales_order_to_tell;
ALTER TABLE sales_order DROP COLUMN to_tell;
