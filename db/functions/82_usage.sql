-- Metering: what the legs over the trunk cost their subscriber, one line a leg.
-- docs/metering.md says which legs that are, and by which number each is rated.

-- The number whose tariff counts for a leg; null for one that costs nothing (an agent's SIP phone, a
-- browser). An external SIP address has no prefix but +, so only the tariff for every number fits.
CREATE FUNCTION leg_number_v1(p_call call, p_leg call_leg) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN p_leg.role = 'customer' AND p_call.direction = 'inbound'
            THEN CASE WHEN p_call.dnis ~ '^\+[1-9][0-9]{6,14}$' THEN p_call.dnis END
        WHEN p_leg.party ~ '^\+[1-9][0-9]{6,14}$' THEN p_leg.party
        WHEN p_leg.role = 'agent' AND p_leg.party ~ '^sips?:' THEN '+'
        WHEN p_leg.role = 'agent' THEN (
            SELECT d.number FROM user_account u JOIN phone_device d ON d.user_id = u.id
            WHERE u.username = p_leg.party)
    END
$$;

-- Lines of those legs of the calls that have ended and have none yet; answers how many were made.
-- Begun seconds count whole, then begun increments of the tariff. A leg that no tariff fits gets no
-- line until one does.
CREATE FUNCTION store_usage_v1(p_calls uuid[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_made integer;
BEGIN
    INSERT INTO usage_line (subscriber_id, call_id, channel, role, party, answered, ended, seconds,
        billed_seconds, cents_per_minute, amount_cents)
    SELECT c.subscriber_id, l.call_id, l.channel, l.role, n.number, l.answered, l.ended, s.seconds,
        b.billed, t.cents_per_minute, round(b.billed * t.cents_per_minute / 60, 4)
    FROM call c
    JOIN call_leg l ON l.call_id = c.id
    CROSS JOIN LATERAL (SELECT leg_number_v1(c, l) AS number) n
    CROSS JOIN LATERAL (
        SELECT cents_per_minute, increment_seconds FROM tariff
        WHERE subscriber_id = c.subscriber_id AND starts_with(n.number, prefix)
        ORDER BY length(prefix) DESC LIMIT 1) t
    CROSS JOIN LATERAL (
        SELECT greatest(ceil(extract(epoch FROM l.ended - l.answered)), 0)::integer AS seconds) s
    CROSS JOIN LATERAL (
        SELECT (ceil(s.seconds::numeric / t.increment_seconds) * t.increment_seconds)::integer
            AS billed) b
    WHERE c.id = ANY (p_calls) AND l.answered IS NOT NULL AND l.ended IS NOT NULL
    ON CONFLICT (call_id, channel) DO NOTHING;
    GET DIAGNOSTICS v_made = ROW_COUNT;
    RETURN v_made;
END $$;

-- Usage lines of a call's ended legs, each once; answers how many were new.
CREATE FUNCTION apply_usage_v1(p_call uuid) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN store_usage_v1(ARRAY[p_call]);
END $$;

-- The same for every call that began since then: legs that were closed by others than the app, or
-- for which there was no tariff.
CREATE FUNCTION apply_missing_usage_v1(p_since timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN store_usage_v1(ARRAY(
        SELECT DISTINCT c.id FROM call c JOIN call_leg l ON l.call_id = c.id
        WHERE c.started >= p_since AND l.answered IS NOT NULL AND l.ended IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM usage_line u WHERE u.call_id = l.call_id AND u.channel = l.channel)));
END $$;

-- Beginning and end of a month (any day of it) where the subscriber is.
CREATE FUNCTION month_of_v1(p_subscriber integer, p_month date,
    OUT begins timestamptz, OUT ends timestamptz) LANGUAGE sql STABLE AS $$
    SELECT date_trunc('month', p_month::timestamp) AT TIME ZONE timezone,
        (date_trunc('month', p_month::timestamp) + interval '1 month') AT TIME ZONE timezone
    FROM subscriber WHERE id = p_subscriber
$$;

-- What each subscriber owes for a month; `unrated` legs are over the trunk and fit no tariff.
CREATE FUNCTION usage_statement_v1(p_month date, p_subscriber integer DEFAULT NULL)
RETURNS TABLE (subscriber text, name text, timezone text, legs bigint, seconds bigint,
    billed_seconds bigint, amount_cents numeric, unrated bigint) LANGUAGE sql STABLE AS $$
    SELECT s.code, s.name, s.timezone, u.legs, u.seconds, u.billed, u.amount, r.unrated
    FROM subscriber s
    CROSS JOIN LATERAL month_of_v1(s.id, p_month) m
    CROSS JOIN LATERAL (
        SELECT count(*) AS legs, coalesce(sum(l.seconds), 0) AS seconds,
            coalesce(sum(l.billed_seconds), 0) AS billed, coalesce(sum(l.amount_cents), 0) AS amount
        FROM usage_line l
        WHERE l.subscriber_id = s.id AND l.answered >= m.begins AND l.answered < m.ends) u
    CROSS JOIN LATERAL (
        -- No call lasts longer than a day: one that was answered in this month began since then.
        SELECT count(*) AS unrated FROM call c JOIN call_leg l ON l.call_id = c.id
        WHERE c.subscriber_id = s.id
            AND c.started >= m.begins - interval '1 day' AND c.started < m.ends
            AND l.answered >= m.begins AND l.answered < m.ends AND l.ended IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM usage_line x WHERE x.call_id = l.call_id AND x.channel = l.channel)
            AND leg_number_v1(c, l) IS NOT NULL) r
    WHERE p_subscriber IS NULL OR s.id = p_subscriber
    ORDER BY s.name
$$;

-- The lines of a month, in the order in which the legs were answered, after the line `p_after`.
CREATE FUNCTION usage_lines_v1(p_subscriber integer, p_month date, p_after bigint, p_limit integer)
RETURNS SETOF usage_line LANGUAGE sql STABLE AS $$
    SELECT l.* FROM usage_line l CROSS JOIN LATERAL month_of_v1(p_subscriber, p_month) m
    WHERE l.subscriber_id = p_subscriber AND l.answered >= m.begins AND l.answered < m.ends
        AND (l.answered, l.id) > (
            coalesce((SELECT answered FROM usage_line WHERE id = p_after), '-infinity'), p_after)
    ORDER BY l.answered, l.id LIMIT p_limit
$$;
