-- What a subscriber sells and where, as cordboard/orders reads it; keys stand in docs/architecture.md.

-- Everything in the order in which it is read out, what is withdrawn too, so that it has a name.
CREATE FUNCTION catalogue_json_v1(p_subscriber integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'categories', coalesce((
            SELECT jsonb_agg(jsonb_build_object('code', g.code, 'name', g.name) ORDER BY g.sort, g.id)
            FROM product_category g WHERE g.subscriber_id = p_subscriber), '[]'),
        'products', coalesce((
            SELECT jsonb_agg(jsonb_build_object('code', p.code, 'category', g.code, 'name', p.name,
                'price_cents', p.price_cents, 'tax_basis_points', p.tax_basis_points,
                'max_quantity', p.max_quantity, 'by_appointment', p.by_appointment, 'active', p.active,
                'options', coalesce(o.options, '[]')) ORDER BY g.sort, g.id, p.sort, p.id)
            FROM product p
            JOIN product_category g ON g.id = p.category_id
            LEFT JOIN (
                SELECT x.product_id, jsonb_agg(jsonb_build_object('choice', x.choice, 'code', x.code,
                    'name', x.name, 'extra_cents', x.extra_cents, 'active', x.active)
                    ORDER BY x.sort, x.id) AS options
                FROM product_option x JOIN product y ON y.id = x.product_id
                WHERE y.subscriber_id = p_subscriber
                GROUP BY x.product_id
            ) AS o ON o.product_id = p.id
            WHERE p.subscriber_id = p_subscriber), '[]'));
END $$;

-- Until when what is due counts as today's work of a location: midnight there, but at least three hours on,
-- so that nothing is forgotten late in the evening.
CREATE FUNCTION end_of_work_v1(l location) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN greatest(clock_timestamp() + interval '3 hours', (date_trunc('day',
        clock_timestamp() AT TIME ZONE l.timezone) + interval '1 day') AT TIME ZONE l.timezone);
END $$;

-- Orders that a location has to make yet, today.
CREATE FUNCTION open_orders_v1(l location) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_end timestamptz := end_of_work_v1(l);
BEGIN
    RETURN (SELECT count(*) FROM sales_order o
            WHERE o.location_id = l.id AND o.state IN ('placed', 'accepted') AND o.due_at < v_end);
END $$;

-- Orders that a location has to make on later days: {day: how many}, by its clock.
CREATE FUNCTION later_orders_v1(l location) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_today date := (clock_timestamp() AT TIME ZONE l.timezone)::date;
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(due.day, due.orders), '{}')
        FROM (
            SELECT (o.due_at AT TIME ZONE l.timezone)::date AS day, count(*) AS orders FROM sales_order o
            WHERE o.location_id = l.id AND o.state IN ('placed', 'accepted')
              AND o.due_at >= (v_today + 1)::timestamp AT TIME ZONE l.timezone
            GROUP BY 1
        ) AS due);
END $$;

-- What a location has to make on the day of an order that is wanted then; null: as soon as possible.
CREATE FUNCTION load_at_v1(l location, p_due timestamptz) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_day date := (p_due AT TIME ZONE l.timezone)::date;
BEGIN
    RETURN CASE WHEN v_day > (clock_timestamp() AT TIME ZONE l.timezone)::date
        THEN coalesce((later_orders_v1(l) ->> v_day::text)::integer, 0) ELSE open_orders_v1(l) END;
END $$;

CREATE FUNCTION location_json_v1(l location) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object('id', l.id, 'code', l.code, 'name', l.name, 'street', l.street,
        'city', l.city, 'region', l.region, 'postcode', l.postcode, 'country', l.country,
        'phone', l.phone, 'latitude', l.latitude, 'longitude', l.longitude, 'timezone', l.timezone,
        'schedule', schedule_json_v1(l.schedule_id), 'active', l.active AND l.paused_at IS NULL,
        'max_open_orders', l.max_open_orders, 'open_orders', open_orders_v1(l),
        'later_orders', later_orders_v1(l),
        'accept_minutes', l.accept_minutes,
        'methods', coalesce((
            SELECT jsonb_object_agg(m.method, jsonb_build_object(
                'radius_m', m.radius_m, 'lead_minutes', m.lead_minutes))
            FROM location_method m WHERE m.location_id = l.id), '{}'),
        'without', coalesce((
            SELECT jsonb_agg(p.code ORDER BY p.code)
            FROM location_without w JOIN product p ON p.id = w.product_id
            WHERE w.location_id = l.id), '[]'));
END $$;

-- All locations of a subscriber, those that are closed for good too.
CREATE FUNCTION locations_json_v1(p_subscriber integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(location_json_v1(l) ORDER BY l.id), '[]')
            FROM location l WHERE l.subscriber_id = p_subscriber);
END $$;

-- When a location is open next: p_at when it is then, null when it never is. By its weekly hours and its
-- own holidays; of national holidays the database knows nothing.
CREATE FUNCTION location_opens_v1(p_location integer, p_at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    l location;
BEGIN
    SELECT * INTO l FROM location WHERE id = p_location;
    IF l.schedule_id IS NULL THEN
        RETURN p_at;
    END IF;
    RETURN (
        SELECT min(greatest(shift.opens, p_at))
        FROM schedule s
        CROSS JOIN LATERAL (SELECT (p_at AT TIME ZONE s.timezone)::date AS today) AS here
        -- From yesterday, whose night shift may not be over, to a week ahead.
        CROSS JOIN generate_series(-1, 7) AS ahead (days)
        CROSS JOIN LATERAL (SELECT here.today + ahead.days AS day) AS on_day
        JOIN opening_hours h ON h.schedule_id = s.id
            AND h.weekday = extract(isodow FROM on_day.day) - 1
        CROSS JOIN LATERAL (
            SELECT (on_day.day + make_interval(mins => h.opens_minute)) AT TIME ZONE s.timezone,
                (on_day.day + make_interval(mins => h.closes_minute + CASE
                    WHEN h.closes_minute <= h.opens_minute THEN 1440 ELSE 0 END)) AT TIME ZONE s.timezone
        ) AS shift (opens, closes)
        WHERE s.id = l.schedule_id AND shift.closes > p_at
          AND NOT EXISTS (SELECT FROM holiday d WHERE d.schedule_id = s.id AND d.day = on_day.day));
END $$;
