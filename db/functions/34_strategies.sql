-- The table of ranked lists, filled beside the one in force and then put into its place.

-- Makes an empty table like offer_strategy, without its index, which is made when the rows are in.
CREATE FUNCTION make_strategy_table_v1(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE offer_strategy INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
                   'INCLUDING STORAGE INCLUDING COMMENTS)', p_table);
END $$;

-- Makes the index, when the rows are in.
CREATE FUNCTION complete_strategy_table_v1(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (customer_id)', p_table);
END $$;

-- Takes over the lists in force of all other subscribers: those that are of none of these builds. What is
-- there of them already is brought up to date.
CREATE FUNCTION take_over_strategies_v1(p_table text, p_builds integer[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'DELETE FROM %I t WHERE build_id <> ALL ($1)'
        ' AND NOT EXISTS (SELECT FROM offer_strategy s WHERE s.customer_id = t.customer_id)', p_table)
        USING p_builds;
    EXECUTE format(
        'INSERT INTO %1$I AS mine SELECT * FROM offer_strategy s WHERE build_id <> ALL ($1)'
        ' AND NOT EXISTS (SELECT FROM %1$I t WHERE t.customer_id = s.customer_id'
        '     AND (t.build_id = s.build_id OR t.build_id = ANY ($1)))'
        ' ON CONFLICT (customer_id) DO UPDATE SET build_id = excluded.build_id, offers = excluded.offers,'
        '     p = excluded.p, ev_cents = excluded.ev_cents, kept_out = excluded.kept_out', p_table)
        USING p_builds;
END $$;

-- Makes statistics of what is looked for.
CREATE FUNCTION analyze_strategy_table_v1(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ANALYZE %I (customer_id, build_id)', p_table);
END $$;

-- Puts a complete table into the place of offer_strategy: same name, comment, owner and rights. Whoever
-- reads meanwhile waits for the end of the transaction, and sees the old lists or the new ones. Waits
-- p_lock_ms for those who read now, since new readers wait behind it (error lock_not_available); before,
-- in a mode that hinders no reader, so long that PostgreSQL ends an autovacuum that is in the way: it does
-- so after deadlock_timeout.
CREATE FUNCTION swap_strategies_v1(p_table text, p_lock_ms integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_comment text := obj_description('offer_strategy'::regclass, 'pg_class');
    v_grant record;
BEGIN
    PERFORM set_config('lock_timeout', (setting::integer + 500)::text, true)
    FROM pg_settings WHERE name = 'deadlock_timeout';
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', p_table);
    LOCK TABLE offer_strategy IN SHARE UPDATE EXCLUSIVE MODE;
    PERFORM set_config('lock_timeout', p_lock_ms::text, true);
    LOCK TABLE offer_strategy IN ACCESS EXCLUSIVE MODE;
    PERFORM drop_deleted_strategies_v1(p_table);
    EXECUTE format('COMMENT ON TABLE %I IS %L', p_table, v_comment);
    FOR v_grant IN
        SELECT c.relowner::regrole AS owner, a.privilege_type AS right,
               CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee,
               CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS more
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
        WHERE c.oid = 'offer_strategy'::regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT %s ON %I TO %s%s', v_grant.right, p_table, v_grant.grantee, v_grant.more);
    END LOOP;
    EXECUTE format('ALTER TABLE %I OWNER TO %s', p_table,
        (SELECT relowner::regrole FROM pg_class WHERE oid = 'offer_strategy'::regclass));
    DROP TABLE offer_strategy;
    EXECUTE format('ALTER TABLE %I RENAME TO offer_strategy', p_table);
    EXECUTE format('ALTER INDEX %I RENAME TO offer_strategy_pkey', p_table || '_pkey');
END $$;

-- Puts the rows of the temporary table strategy_news into offer_strategy; answers how many.
CREATE FUNCTION take_strategy_news_v1() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_rows bigint;
BEGIN
    INSERT INTO offer_strategy SELECT * FROM strategy_news
    ON CONFLICT (customer_id) DO UPDATE SET build_id = excluded.build_id, offers = excluded.offers,
        p = excluded.p, ev_cents = excluded.ev_cents, kept_out = excluded.kept_out;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    PERFORM drop_deleted_strategies_v1('offer_strategy');
    RETURN v_rows;
END $$;

-- Refreshes the attributes of all customers, or of those of these subscribers that changed; answers how
-- many changed. The marks that stand before are kept in the temporary table kept_marks, and none is taken
-- away until forget_kept_marks_v1 says that the new lists are in force: a build that fails or is killed
-- forgets nobody, and a mark that comes meanwhile is not among those kept.
CREATE FUNCTION refresh_for_build_v1(p_subscribers integer[], p_whole boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_customers bigint[];
BEGIN
    DROP TABLE IF EXISTS pg_temp.kept_marks;
    CREATE TEMPORARY TABLE kept_marks AS
    SELECT m.customer_id, m.changed_at, c.subscriber_id
    FROM customer_changed m JOIN customer c ON c.id = m.customer_id
    WHERE c.subscriber_id = ANY (p_subscribers);
    v_customers := ARRAY(SELECT DISTINCT customer_id FROM kept_marks);
    IF p_whole THEN
        PERFORM store_features_v1(NULL);
    ELSIF cardinality(v_customers) > 0 THEN
        PERFORM store_features_v1(v_customers);
    END IF;
    RETURN cardinality(v_customers);
END $$;

-- Of those that refresh_for_build_v1 kept, customers of a subscriber above one, in the order of their ids.
CREATE FUNCTION kept_marks_v1(p_subscriber integer, p_above bigint, p_limit integer) RETURNS bigint[]
LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT customer_id FROM kept_marks
                 WHERE subscriber_id = p_subscriber AND customer_id > p_above
                 ORDER BY customer_id LIMIT p_limit);
END $$;

-- The lists of those that refresh_for_build_v1 kept are in force. A change that came later stays marked.
CREATE FUNCTION forget_kept_marks_v1(p_subscribers integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM customer_changed m USING kept_marks k
    WHERE m.customer_id = k.customer_id AND m.changed_at = k.changed_at
      AND k.subscriber_id = ANY (p_subscribers);
    DROP TABLE kept_marks;
END $$;

-- Marks the customers of a subscriber who may be offered something again since p_since, by time alone: the
-- cool-down of an offer has ended. Answers when that was.
CREATE FUNCTION mark_rested_customers_v1(p_subscriber integer, p_since timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO customer_changed (customer_id)
    SELECT DISTINCT e.customer_id
    FROM offer o JOIN exposure e ON e.offer_id = o.id
    WHERE o.subscriber_id = p_subscriber AND o.active
      AND e.at > p_since - make_interval(days => o.cooldown_days)
      AND e.at <= now() - make_interval(days => o.cooldown_days)
      AND NOT EXISTS (SELECT FROM exposure later WHERE later.customer_id = e.customer_id
                      AND later.offer_id = e.offer_id AND later.at > e.at);
    RETURN now();
END $$;
