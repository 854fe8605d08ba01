-- What a killed build of all customers had stored, for the one that goes on from it (db/strategies/resume.py).

-- Drops the tables of a build, whichever try filled them.
CREATE FUNCTION drop_strategy_tables_v1(p_build integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_table text;
BEGIN
    FOR v_table IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
          AND relname ~ format('^offer_strategy_build_%s_[0-9]+$', p_build)
    LOOP
        EXECUTE format('DROP TABLE %I', v_table);
    END LOOP;
END $$;

-- Takes a table over under a new name, so that a process of the killed build that still lives finds it no
-- more; what such a process is writing is waited for. Keeps the lists of these builds; answers how many, or
-- null when there is no such table.
CREATE FUNCTION take_stored_v1(p_table text, p_as text, p_builds integer[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_rows bigint;
BEGIN
    IF to_regclass(quote_ident(p_table)) IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', p_table, p_as);
    -- It may have been killed while it waited for its place, with an index and others' lists.
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS %I', p_as, p_table || '_pkey');
    EXECUTE format('DELETE FROM %I WHERE build_id <> ALL ($1)', p_as) USING p_builds;
    EXECUTE format('SELECT count(*) FROM %I', p_as) INTO v_rows;
    RETURN v_rows;
END $$;

-- Customers whose stored list is not what it would be now: they are marked (kept_marks), or gone.
CREATE FUNCTION stale_stored_v1(p_table text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_customers bigint[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(customer_id) FROM %I t WHERE customer_id IN (SELECT customer_id FROM kept_marks)'
        ' OR NOT EXISTS (SELECT FROM customer_feature f WHERE f.customer_id = t.customer_id)', p_table)
        INTO v_customers;
    RETURN coalesce(v_customers, '{}');
END $$;

-- Takes the lists of these customers out of whatever builds have stored.
CREATE FUNCTION forget_stored_v1(p_customers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_table text;
BEGIN
    FOR v_table IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
          AND relname ~ '^offer_strategy_build_[0-9]+_[0-9]+$'
    LOOP
        BEGIN
            EXECUTE format('DELETE FROM %I WHERE customer_id = ANY ($1)', v_table) USING p_customers;
        EXCEPTION WHEN undefined_table THEN
            -- It has come into force, or was dropped.
        END;
    END LOOP;
END $$;

-- Whose lists are missing in a table, of these subscribers: kept in the temporary table left_customers.
-- Answers how many of each.
CREATE FUNCTION keep_left_customers_v1(p_table text, p_subscribers integer[])
RETURNS TABLE (subscriber integer, customers bigint) LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.left_customers;
    EXECUTE format(
        'CREATE TEMPORARY TABLE left_customers AS SELECT subscriber_id, customer_id FROM customer_feature f'
        ' WHERE subscriber_id IN (%s) AND NOT EXISTS (SELECT FROM %I t WHERE t.customer_id = f.customer_id)',
        array_to_string(p_subscribers, ','), p_table);
    CREATE INDEX ON left_customers (subscriber_id, customer_id);
    RETURN QUERY SELECT subscriber_id, count(*) FROM left_customers GROUP BY 1;
END $$;

-- Some of them above one, in the order of their ids.
CREATE FUNCTION left_customers_v1(p_subscriber integer, p_above bigint, p_limit integer) RETURNS bigint[]
LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(SELECT customer_id FROM left_customers
                 WHERE subscriber_id = p_subscriber AND customer_id > p_above
                 ORDER BY customer_id LIMIT p_limit);
END $$;
