-- What an agent does for a web call at the desk: pushes pages, and writes to the merchant.
-- Errors: CB040 not a page of this subscriber; CB041 there is no web session to show it to; otherwise
-- as in 60_dispositions.sql.

-- Pushes pages and links to a visitor; answers them as they are stored. Ids make a repeated push the
-- same push. Whose call it is the web desk has asked Redis: the call's row may still be on its way.
--
-- p_pushes  [{id, page}] for pages, [{id, title, url, framing}] for a link that was checked before
CREATE FUNCTION push_pages_v1(
    p_call uuid, p_agent integer, p_subscriber text, p_visitor uuid, p_at_ms bigint, p_pushes jsonb
) RETURNS TABLE (push_id uuid, page integer, title text, url text, framing text, at_ms bigint)
LANGUAGE plpgsql AS $$
DECLARE
    v_ids uuid[] := ARRAY(SELECT (w ->> 'id')::uuid FROM jsonb_array_elements(p_pushes) w);
BEGIN
    IF NOT EXISTS (SELECT FROM visitor_session WHERE id = p_visitor) THEN
        RAISE EXCEPTION 'there is no web session %', p_visitor USING ERRCODE = 'CB041';
    END IF;
    IF EXISTS (
        SELECT FROM jsonb_array_elements(p_pushes) w
        LEFT JOIN active_pages_v1(p_subscriber) g ON g.id = (w ->> 'page')::integer
        WHERE w ? 'page' AND g.id IS NULL
    ) THEN
        RAISE EXCEPTION 'that is not a page of %', p_subscriber USING ERRCODE = 'CB040';
    END IF;
    WITH pushed AS (
        INSERT INTO page_push (id, call_id, visitor_id, page_id, title, url, framing, agent_id, origin, pushed_at)
        SELECT (w ->> 'id')::uuid, p_call, p_visitor, g.id, coalesce(g.title, w ->> 'title'),
            coalesce(g.url, w ->> 'url'), coalesce(g.framing, (w ->> 'framing')::page_framing), p_agent,
            'desk', time_of_ms_v1(p_at_ms::text)
        FROM jsonb_array_elements(p_pushes) WITH ORDINALITY AS e (w, n)
        LEFT JOIN active_pages_v1(p_subscriber) g ON g.id = (w ->> 'page')::integer
        ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING id, page_id, agent_id
    )
    INSERT INTO call_event (call_id, name, data)
    SELECT p_call, 'page.pushed', jsonb_build_object('id', p.id, 'page', p.page_id, 'agent', p.agent_id,
        'origin', 'desk')
    FROM pushed p;
    RETURN QUERY
    SELECT p.id, p.page_id, p.title::text, p.url, p.framing::text,
        ms_of_v1(p.pushed_at)
    FROM page_push p
    WHERE p.id = ANY (v_ids) AND p.call_id = p_call AND p.agent_id = p_agent
    ORDER BY p.number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this push was made on another call' USING ERRCODE = 'CB005';
    END IF;
END $$;

-- What may be pushed on calls of a subscriber.
CREATE FUNCTION active_pages_v1(p_subscriber text) RETURNS SETOF page LANGUAGE sql STABLE AS $$
    SELECT p.* FROM page p JOIN subscriber s ON s.id = p.subscriber_id
    WHERE s.code = p_subscriber AND p.active
$$;

-- Stores a form for the merchant, once by its id, and queues it for the merchant's own server. Answers
-- when it was stored.
CREATE FUNCTION save_entry_v1(p_id uuid, p_call uuid, p_agent integer, p_kind text, p_fields jsonb)
RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_of_agent_v1(p_call, p_agent);
    v_entry merchant_entry;
BEGIN
    INSERT INTO merchant_entry (id, call_id, agent_id, kind, fields)
    VALUES (p_id, p_call, p_agent, p_kind::entry_kind, p_fields)
    ON CONFLICT (id) DO NOTHING RETURNING * INTO v_entry;
    IF FOUND THEN
        INSERT INTO call_event (call_id, name, data) VALUES (p_call, 'entry.saved',
            jsonb_build_object('entry', p_id, 'kind', p_kind, 'agent', p_agent));
        PERFORM queue_webhook_v1(v_call.subscriber_id, 'entry.saved', public_entry_v1(v_entry), p_id);
        RETURN v_entry.created_at;
    END IF;
    SELECT * INTO v_entry FROM merchant_entry WHERE id = p_id;
    IF v_entry.call_id <> p_call OR v_entry.kind::text <> p_kind THEN
        RAISE EXCEPTION 'this form was sent for another call' USING ERRCODE = 'CB005';
    END IF;
    RETURN v_entry.created_at;
END $$;

-- An entry as the merchant gets it, with what the merchant knows its customer by.
CREATE FUNCTION public_entry_v1(e merchant_entry) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', e.id, 'kind', e.kind, 'fields', e.fields,
        'created', iso_time_v1(e.created_at), 'call', e.call_id, 'request', c.request_id,
        'subject', u.subject_code, 'customer_code', q.customer_code, 'customer', k.code,
        'number', coalesce(q.number, c.ani), 'agent', split_part(a.display_name, ' ', 1))
    FROM call c
    LEFT JOIN call_request q ON q.id = c.request_id
    LEFT JOIN routing_rule u ON u.id = q.rule_id
    LEFT JOIN customer k ON k.id = c.customer_id
    LEFT JOIN user_account a ON a.id = e.agent_id
    WHERE c.id = e.call_id
$$;
