-- What is known of a customer, as rules and the model want it (cordboard/attributes.py). One body
-- computes it for one customer during a call and for all of them at night.

-- The attributes of all customers, or of these. Written so that it is inlined: the choice is then
-- known to the planner, who reads whole tables for all and asks indexes for one.
CREATE FUNCTION features_v1(p_all boolean, p_customers bigint[])
RETURNS SETOF customer_feature LANGUAGE sql STABLE AS $$
    SELECT c.id,
           c.subscriber_id,
           c.segment,
           c.language,
           coalesce(c.region::text, ''),
           coalesce(held.product, ''),
           greatest(0, (now() AT TIME ZONE s.timezone)::date - c.customer_since),
           coalesce(held.accounts, 0),
           coalesce(held.suspended, false),
           -- More than a bigint holds is as good as the most it holds.
           greatest(-9223372036854775808, least(9223372036854775807, coalesce(held.balance, 0)))::bigint,
           coalesce(called.calls, 0),
           coalesce(served.calls, 0),
           coalesce(visited.days, 0),
           coalesce(bought.times, 0),
           least(9223372036854775807, coalesce(bought.cents, 0))::bigint,
           greatest(0, coalesce(extract(day FROM now() - bought.last)::integer, 36500)),
           coalesce(shown.times, 0),
           coalesce(shown.accepted, 0),
           coalesce(shown.declined, 0),
           greatest(0, coalesce(extract(day FROM now() - shown.last)::integer, 36500)),
           now()
    FROM customer c
    JOIN subscriber s ON s.id = c.subscriber_id
    LEFT JOIN (
        SELECT a.customer_id,
               count(*)::integer AS accounts,
               bool_or(a.status = 'suspended') AS suspended,
               sum(a.balance_cents) AS balance,
               (array_agg(a.product::text ORDER BY a.id))[1] AS product
        FROM account a
        WHERE a.status <> 'closed' AND (p_all OR a.customer_id = ANY (p_customers))
        GROUP BY a.customer_id
    ) held ON held.customer_id = c.id
    LEFT JOIN (
        SELECT l.customer_id, count(*)::integer AS calls
        FROM call l
        WHERE l.started > now() - interval '30 days' AND l.customer_id IS NOT NULL
          AND (p_all OR l.customer_id = ANY (p_customers))
        GROUP BY l.customer_id
    ) called ON called.customer_id = c.id
    LEFT JOIN (
        SELECT d.customer_id, count(DISTINCT d.call_id)::integer AS calls
        FROM disposition d
        WHERE d.code_kind = 'service' AND d.replaced_at IS NULL AND d.customer_id IS NOT NULL
          AND d.recorded_at > now() - interval '90 days'
          AND (p_all OR d.customer_id = ANY (p_customers))
        GROUP BY d.customer_id
    ) served ON served.customer_id = c.id
    LEFT JOIN (
        SELECT v.customer_id, count(DISTINCT v.day)::integer AS days
        FROM (
            SELECT r.customer_id, (r.created_at AT TIME ZONE 'UTC')::date AS day
            FROM call_request r
            WHERE r.source <> 'queue' AND r.created_at > now() - interval '30 days'
              AND r.customer_id IS NOT NULL AND (p_all OR r.customer_id = ANY (p_customers))
            UNION ALL
            SELECT x.customer_id, (x.at AT TIME ZONE 'UTC')::date
            FROM decision x
            WHERE x.channel IN ('web', 'chat') AND x.at > now() - interval '30 days'
              AND x.customer_id IS NOT NULL AND (p_all OR x.customer_id = ANY (p_customers))
        ) v
        GROUP BY v.customer_id
    ) visited ON visited.customer_id = c.id
    LEFT JOIN (
        SELECT p.customer_id,
               count(*) FILTER (WHERE p.at > now() - interval '365 days')::integer AS times,
               sum(p.amount_cents) FILTER (WHERE p.at > now() - interval '365 days') AS cents,
               max(p.at) AS last
        FROM purchase p
        WHERE p_all OR p.customer_id = ANY (p_customers)
        GROUP BY p.customer_id
    ) bought ON bought.customer_id = c.id
    LEFT JOIN (
        SELECT e.customer_id,
               count(*) FILTER (WHERE e.at > now() - interval '90 days')::integer AS times,
               count(*) FILTER (WHERE e.outcome = 'accepted'
                   AND e.outcome_at > now() - interval '365 days')::integer AS accepted,
               count(*) FILTER (WHERE e.outcome = 'declined'
                   AND e.outcome_at > now() - interval '90 days')::integer AS declined,
               max(e.at) AS last
        FROM exposure e
        WHERE p_all OR e.customer_id = ANY (p_customers)
        GROUP BY e.customer_id
    ) shown ON shown.customer_id = c.id
    WHERE p_all OR c.id = ANY (p_customers)
$$;

-- One customer as of now; nothing is stored. No row: there is no such customer.
CREATE FUNCTION customer_features_v1(p_customer bigint)
RETURNS SETOF customer_feature LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM features_v1(false, ARRAY[p_customer]) f;
END $$;

-- Store the attributes of these customers, or of all (null), and forget that they changed; answers
-- how many. The marks go first: a change whose mark comes later has its mark kept.
CREATE FUNCTION refresh_features_v1(p_customers bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('refresh_features', 0));
    DELETE FROM customer_changed WHERE p_customers IS NULL OR customer_id = ANY (p_customers);
    RETURN store_features_v1(p_customers);
END $$;

-- The same without the marks. One runs at a time, and begins anew when a customer was deleted under its
-- hands.
CREATE FUNCTION store_features_v1(p_customers bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('refresh_features', 0));
    LOOP
        BEGIN
            RETURN write_features_v1(p_customers);
        EXCEPTION WHEN foreign_key_violation THEN
            -- The next round does not see that customer.
        END;
    END LOOP;
END $$;

CREATE FUNCTION write_features_v1(p_customers bigint[])
RETURNS bigint LANGUAGE plpgsql
-- A plan kept for later would not know whether it is for one customer or for millions.
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_rows bigint;
BEGIN
    INSERT INTO customer_feature
    SELECT f.* FROM features_v1(p_customers IS NULL, p_customers) f ORDER BY f.customer_id
    ON CONFLICT (customer_id) DO UPDATE SET (
        subscriber_id, segment, language, region, product, tenure_days, accounts, suspended,
        balance_cents, calls_30d, service_calls_90d, web_visits_30d, purchases_365d,
        purchase_cents_365d, days_since_purchase, presented_90d, accepted_365d, declined_90d,
        days_since_presented, computed_at
    ) = (
        EXCLUDED.subscriber_id, EXCLUDED.segment, EXCLUDED.language, EXCLUDED.region,
        EXCLUDED.product, EXCLUDED.tenure_days, EXCLUDED.accounts, EXCLUDED.suspended,
        EXCLUDED.balance_cents, EXCLUDED.calls_30d, EXCLUDED.service_calls_90d,
        EXCLUDED.web_visits_30d, EXCLUDED.purchases_365d, EXCLUDED.purchase_cents_365d,
        EXCLUDED.days_since_purchase, EXCLUDED.presented_90d, EXCLUDED.accepted_365d,
        EXCLUDED.declined_90d, EXCLUDED.days_since_presented, EXCLUDED.computed_at
    );
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
