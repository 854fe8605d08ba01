-- Ranked lists of customers who were deleted. Those in force go with the customer (a trigger); those that a
-- build forms meanwhile, and those in an offers database of its own, go by customer_deleted.

-- Customers database: who was deleted lately. Whoever is there again, out of a backup perhaps, is not; and
-- whoever was deleted 30 days ago is named for the last time: no build takes so long.
CREATE FUNCTION settle_deletions_v1() RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_ids bigint[];
BEGIN
    DELETE FROM customer_deleted d USING customer c WHERE c.id = d.customer_id;
    v_ids := ARRAY(SELECT customer_id FROM customer_deleted);
    DELETE FROM customer_deleted
    WHERE deleted_at < now() - interval '30 days' AND customer_id = ANY (v_ids);
    RETURN v_ids;
END $$;

-- Offers database of its own: these and no others were deleted lately.
CREATE FUNCTION take_deletions_v1(p_customers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM customer_deleted WHERE customer_id <> ALL (p_customers);
    INSERT INTO customer_deleted (customer_id) SELECT unnest(p_customers) ON CONFLICT DO NOTHING;
END $$;

-- Either: takes their lists out of a table like offer_strategy; answers how many.
CREATE FUNCTION drop_deleted_strategies_v1(p_table text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_rows bigint;
BEGIN
    EXECUTE format('DELETE FROM %I s USING customer_deleted d WHERE s.customer_id = d.customer_id'
                   ' AND NOT EXISTS (SELECT FROM customer c WHERE c.id = d.customer_id)', p_table);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
