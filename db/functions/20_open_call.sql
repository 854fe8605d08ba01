-- A call comes in: which subscriber, which menu, which group, which hours.

-- A schedule with its hours, and its own holidays from yesterday (in any zone) to a month ahead.
CREATE FUNCTION schedule_json_v1(p_schedule integer, p_today date DEFAULT current_date) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object(
        'name', s.name, 'timezone', s.timezone, 'country', s.country, 'subdivision', s.subdivision,
        'hours', coalesce((
            SELECT jsonb_agg(jsonb_build_object('weekday', h.weekday,
                'opens_minute', h.opens_minute, 'closes_minute', h.closes_minute)
                ORDER BY h.weekday, h.opens_minute)
            FROM opening_hours h WHERE h.schedule_id = s.id), '[]'),
        'holidays', coalesce((
            SELECT jsonb_agg(jsonb_build_object('day', d.day, 'name', d.name, 'prompt', d.prompt)
                ORDER BY d.day)
            FROM holiday d
            WHERE d.schedule_id = s.id
              AND d.day BETWEEN p_today - 1 AND p_today + 31), '[]'))
    FROM schedule s WHERE s.id = p_schedule);
END $$;

-- Makes the call's row; asked again it answers the same. No row: nobody has this number.
CREATE FUNCTION open_call_v1(p_call uuid, p_dnis text, p_ani text, p_channel text DEFAULT NULL)
RETURNS TABLE (subscriber text, subscriber_name text, menu text, queue text, identify text, schedule jsonb)
LANGUAGE plpgsql AS $$
DECLARE
    v_line record;
    v_ani text := CASE WHEN p_ani ~ '^\+[1-9][0-9]{6,14}$' THEN p_ani END;
BEGIN
    SELECT d.*, s.code AS subscriber, s.name AS subscriber_name, g.code AS queue INTO v_line
    FROM did d JOIN subscriber s ON s.id = d.subscriber_id JOIN agent_group g ON g.id = d.group_id
    WHERE d.number = p_dnis;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO call (id, subscriber_id, ani, dnis, group_id, cti)
    VALUES (p_call, v_line.subscriber_id, v_ani, p_dnis, v_line.group_id,
        jsonb_strip_nulls(jsonb_build_object('CALL_ID', p_call, 'SUBSCRIBER', v_line.subscriber,
            'ANI', v_ani, 'DNIS', p_dnis, 'QUEUE', v_line.queue)))
    ON CONFLICT (id) DO NOTHING;
    IF FOUND THEN
        INSERT INTO call_event (call_id, name, data)
        VALUES (p_call, 'call.opened', jsonb_build_object('dnis', p_dnis, 'ani', v_ani));
        IF p_channel <> '' THEN
            INSERT INTO call_leg (call_id, channel, role, party, started)
            VALUES (p_call, left(p_channel, 150), 'customer', v_ani, now());
        END IF;
    END IF;
    RETURN QUERY SELECT v_line.subscriber::text, v_line.subscriber_name::text, v_line.menu::text,
        v_line.queue::text, v_line.identify::text, schedule_json_v1(v_line.schedule_id);
END $$;

-- The caller's channel is gone, and the dialplan had it last. Ends the leg, and the call if it never
-- reached the app; one that did has been ended by the app. True when the call was ended here.
CREATE FUNCTION close_call_v1(p_call uuid, p_outcome text DEFAULT 'abandoned_ivr') RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE call_leg SET ended = now() WHERE call_id = p_call AND role = 'customer' AND ended IS NULL;
    UPDATE call SET state = 'ended', outcome = p_outcome::call_outcome, ended = now()
    WHERE id = p_call AND (state = 'ivr'
        -- The app was away while the caller waited, and the plain queue took over.
        OR p_outcome = 'fallback' AND state IN ('queued', 'ringing'));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO call_event (call_id, name, data)
    VALUES (p_call, 'call.closed', jsonb_build_object('outcome', p_outcome));
    RETURN true;
END $$;

-- Ends what nobody has ended: the machine stopped, or the journal was lost. How many there were.
CREATE FUNCTION close_stale_calls_v1(p_older interval, p_live uuid[] DEFAULT '{}') RETURNS integer
LANGUAGE sql AS $$
    WITH closed AS (
        UPDATE call SET state = 'ended', outcome = coalesce(outcome, 'failed'), ended = now()
        WHERE state <> 'ended' AND started < now() - p_older AND id <> ALL (p_live)
        RETURNING id
    ), legs AS (
        UPDATE call_leg SET ended = now() FROM closed WHERE call_id = closed.id AND call_leg.ended IS NULL
    ), told AS (
        INSERT INTO call_event (call_id, name, data) SELECT id, 'call.closed', '{"stale": true}' FROM closed
    )
    SELECT count(*)::integer FROM closed
$$;
