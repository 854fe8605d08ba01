-- Half-made orders: stored from their first item on, held by whoever works on them.
--
-- Whoever changes an order locks its row first; an order that is replaced, and then the location, after it.

-- How long a draft is held after it was saved, seconds: longer than anybody listens to one prompt.
CREATE FUNCTION hold_seconds_v1() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 300';

-- The order's row, locked until the end of the transaction; CB053 when there is none.
CREATE FUNCTION lock_order_v1(p_order uuid) RETURNS sales_order LANGUAGE plpgsql AS $$
DECLARE
    o sales_order;
BEGIN
    SELECT * INTO o FROM sales_order WHERE id = p_order FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no order %', p_order USING ERRCODE = 'CB053';
    END IF;
    RETURN o;
END $$;

-- The next number of a subscriber's orders.
CREATE FUNCTION next_order_number_v1(p_subscriber integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_number integer;
BEGIN
    INSERT INTO order_number AS n (subscriber_id, last_number) VALUES (p_subscriber, 1)
    ON CONFLICT (subscriber_id) DO UPDATE SET last_number = n.last_number + 1
    RETURNING n.last_number INTO v_number;
    RETURN v_number;
END $$;

-- The customer that a draft is for. CB006: not one of the subscriber that the draft names.
CREATE FUNCTION draft_customer_v1(p jsonb) RETURNS customer LANGUAGE plpgsql STABLE AS $$
DECLARE
    k customer;
BEGIN
    SELECT c.* INTO k FROM customer c JOIN subscriber s ON s.id = c.subscriber_id
    WHERE c.id = (p ->> 'customer')::bigint AND s.code = coalesce(p ->> 'subscriber', s.code);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'subscriber % has no client %', left(p ->> 'subscriber', 40),
            left(p ->> 'customer', 40) USING ERRCODE = 'CB006';
    END IF;
    RETURN k;
END $$;

-- The location of that code; null stays null. CB055: the subscriber has none.
CREATE FUNCTION location_of_code_v1(p_subscriber integer, p_code text) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_id integer := (
        SELECT l.id FROM location l WHERE l.subscriber_id = p_subscriber AND l.code = p_code);
BEGIN
    IF v_id IS NULL AND p_code <> '' THEN
        RAISE EXCEPTION 'there is no location %; choose one of the list', left(p_code, 40)
            USING ERRCODE = 'CB055';
    END IF;
    RETURN v_id;
END $$;

-- The draft of that id, locked; made when nobody has begun it. A repeated step finds its own.
CREATE FUNCTION begin_draft_v1(p jsonb, k customer) RETURNS sales_order LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := (p ->> 'order')::uuid;
    o sales_order;
BEGIN
    -- Looked for first: a number is not to be used up by every save of a draft.
    IF NOT EXISTS (SELECT FROM sales_order WHERE id = v_id) THEN
        INSERT INTO sales_order (id, subscriber_id, customer_id, number, source, call_id, held_by,
            held_until)
        VALUES (v_id, k.subscriber_id, k.id, next_order_number_v1(k.subscriber_id),
            (p ->> 'source')::order_source, (p ->> 'call')::uuid, p ->> 'held_by',
            clock_timestamp() + make_interval(secs => hold_seconds_v1()))
        ON CONFLICT (id) DO NOTHING;
        IF FOUND THEN
            PERFORM note_order_v1(v_id, 'order.begun', actor_of_v1(p ->> 'held_by'),
                jsonb_build_object('source', p -> 'source', 'call', p -> 'call'));
        END IF;
    END IF;
    o := lock_order_v1(v_id);
    IF o.customer_id <> k.id THEN
        RAISE EXCEPTION 'order % is another client''s; begin one with a new id', v_id
            USING ERRCODE = 'CB053';
    END IF;
    RETURN o;
END $$;

-- Lines as they cost now, out of the basket's codes. CB055: what is not sold, or not so. A product or an
-- option that was withdrawn is refused too, since a draft is made of what is on the list now.
CREATE FUNCTION priced_lines_v1(p_order uuid, p_subscriber integer, p_lines jsonb)
RETURNS SETOF order_line LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_line record;
    v_row order_line;
BEGIN
    FOR v_line IN
        SELECT n.place, n.line, p.*, (
            SELECT jsonb_agg(jsonb_build_object('choice', x.choice, 'code', x.code, 'name', x.name,
                'extra_cents', x.extra_cents) ORDER BY c.place)
            FROM jsonb_array_elements_text(coalesce(n.line -> 'options', '[]'))
                WITH ORDINALITY AS c (code, place)
            JOIN product_option x ON x.product_id = p.id AND x.code = c.code AND x.active
        ) AS chosen
        FROM jsonb_array_elements(coalesce(p_lines, '[]')) WITH ORDINALITY AS n (line, place)
        LEFT JOIN product p ON p.subscriber_id = p_subscriber AND p.code = n.line ->> 'product' AND p.active
        ORDER BY n.place
    LOOP
        IF v_line.id IS NULL THEN
            RAISE EXCEPTION '% is not sold; leave it out', left(v_line.line ->> 'product', 40)
                USING ERRCODE = 'CB055';
        END IF;
        PERFORM check_line_v1(v_line.line, v_line.name, v_line.max_quantity, v_line.chosen);
        v_row.order_id := p_order;
        v_row.line := v_line.place;
        v_row.product_id := v_line.id;
        v_row.name := v_line.name;
        v_row.options := coalesce(v_line.chosen, '[]');
        v_row.quantity := (v_line.line ->> 'quantity')::integer;
        v_row.unit_cents := v_line.price_cents + coalesce((
            SELECT sum((x ->> 'extra_cents')::integer) FROM jsonb_array_elements(v_line.chosen) x), 0);
        v_row.tax_basis_points := v_line.tax_basis_points;
        RETURN NEXT v_row;
    END LOOP;
END $$;

-- CB055: more than are sold at once, an option that is not sold, or two answers to one choice.
CREATE FUNCTION check_line_v1(p_line jsonb, p_name text, p_most integer, p_chosen jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF coalesce((p_line ->> 'quantity')::integer, 0) NOT BETWEEN 1 AND p_most THEN
        RAISE EXCEPTION '% of % cannot be ordered; order 1 to %', p_line ->> 'quantity', p_name, p_most
            USING ERRCODE = 'CB055';
    ELSIF jsonb_array_length(coalesce(p_chosen, '[]'))
            <> jsonb_array_length(coalesce(p_line -> 'options', '[]')) THEN
        RAISE EXCEPTION '% is not sold with %; choose among its options', p_name, p_line ->> 'options'
            USING ERRCODE = 'CB055';
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(p_chosen) x GROUP BY x ->> 'choice'
                  HAVING count(*) > 1) THEN
        RAISE EXCEPTION '% has two answers to one choice; leave one of %', p_name, p_line ->> 'options'
            USING ERRCODE = 'CB055';
    END IF;
END $$;

-- Tax on lines, cents: rounded half up once a rate, as cordboard/orders/pricing.py has it.
CREATE FUNCTION tax_cents_v1(p_order uuid) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum((rate.cents * rate.basis_points + 5000) / 10000), 0)
        FROM (
            SELECT n.tax_basis_points::bigint AS basis_points, sum(n.unit_cents::bigint * n.quantity)::bigint AS cents
            FROM order_line n WHERE n.order_id = p_order GROUP BY n.tax_basis_points
        ) AS rate);
END $$;

-- Stores a draft, once by its id, and holds it for `held_by`. Keys of `p` stand in docs/architecture.md:
-- order subscriber customer source call held_by basket due_at billing suggested suggestion replaces note
-- address. A note or an address that `p` does not name stays; an address of null is the client's home.
-- Answers the draft's row. Prices come from the catalogue, whatever `p` says. The same again changes
-- nothing. Errors: CB006; CB050 somebody else holds it; CB053 the id is another client's; CB054 it is no
-- draft any more; CB055.
CREATE FUNCTION write_draft_v1(p jsonb) RETURNS sales_order LANGUAGE plpgsql AS $$
DECLARE
    k customer := draft_customer_v1(p);
    o sales_order := begin_draft_v1(p, k);
    v_before jsonb := basket_json_v1(o);
BEGIN
    IF o.state <> 'draft' THEN
        RAISE EXCEPTION 'order % is % and no draft any more', o.number, o.state USING ERRCODE = 'CB054';
    END IF;
    PERFORM take_hold_v1(o, p ->> 'held_by');
    o := said_of_draft_v1(o, k, p);
    DELETE FROM order_line WHERE order_id = o.id;
    INSERT INTO order_line
    SELECT n.* FROM priced_lines_v1(o.id, k.subscriber_id, p -> 'basket' -> 'lines') AS n;
    UPDATE sales_order SET held_by = p ->> 'held_by',
        held_until = clock_timestamp() + make_interval(secs => hold_seconds_v1()),
        call_id = coalesce((p ->> 'call')::uuid, call_id),
        location_id = location_of_code_v1(k.subscriber_id, p -> 'basket' ->> 'location'),
        method = nullif(p -> 'basket' ->> 'method', '')::delivery_method,
        billing = (p ->> 'billing')::billing_method, due_at = (p ->> 'due_at')::timestamptz,
        note = o.note, street = o.street, city = o.city, postcode = o.postcode,
        suggested = coalesce(p -> 'suggested', suggested),
        suggestion = (p ->> 'suggestion')::smallint, replaces = (p ->> 'replaces')::uuid,
        subtotal_cents = (SELECT coalesce(sum(n.unit_cents::bigint * n.quantity), 0)
                          FROM order_line n WHERE n.order_id = o.id),
        tax_cents = tax_cents_v1(o.id)
    WHERE id = o.id RETURNING * INTO o;
    IF basket_json_v1(o) <> v_before THEN
        PERFORM note_order_v1(o.id, 'order.draft_saved', actor_of_v1(o.held_by),
            jsonb_build_object('basket', basket_json_v1(o), 'total_cents', o.total_cents));
    END IF;
    RETURN o;
END $$;

-- The draft's row with the note and the address that it has now: those of `p`, else its own. One that
-- begins to replace an order takes them from that. The client's home is no address: it may change.
CREATE FUNCTION said_of_draft_v1(o sales_order, k customer, p jsonb) RETURNS sales_order
LANGUAGE plpgsql STABLE AS $$
DECLARE
    replaced sales_order;
BEGIN
    SELECT * INTO replaced FROM sales_order
    WHERE id = (p ->> 'replaces')::uuid AND customer_id = k.id AND id IS DISTINCT FROM o.replaces;
    IF FOUND THEN
        o.note := replaced.note;
        IF is_elsewhere_v1(replaced, k) THEN
            o.street := replaced.street;
            o.city := replaced.city;
            o.postcode := replaced.postcode;
        END IF;
    END IF;
    o.note := coalesce(p ->> 'note', o.note);
    IF p ? 'address' THEN
        o.street := nullif(p -> 'address' ->> 'street', '');
        o.city := nullif(p -> 'address' ->> 'city', '');
        o.postcode := nullif(p -> 'address' ->> 'postcode', '');
    END IF;
    RETURN o;
END $$;

-- Stores a draft; answers {order, number, version, total_cents}. See write_draft_v1.
CREATE FUNCTION save_draft_v1(p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o sales_order := write_draft_v1(p);
BEGIN
    RETURN jsonb_build_object('order', o.id, 'number', o.number, 'version', o.version,
        'total_cents', o.total_cents);
END $$;

-- CB050: somebody else holds the draft. A new holder is told in its timeline.
CREATE FUNCTION take_hold_v1(o sales_order, p_holder text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF is_held_v1(o, p_holder) THEN
        RAISE EXCEPTION 'somebody else works on order % (%)', o.number, o.held_by USING ERRCODE = 'CB050';
    ELSIF o.held_by IS DISTINCT FROM p_holder THEN
        PERFORM note_order_v1(o.id, 'order.taken', actor_of_v1(p_holder),
            jsonb_build_object('holder', p_holder));
    END IF;
END $$;

-- Takes the hold on a draft, or extends it, for so many seconds; 0 gives it back. `p_from`: whose hold
-- may be taken over (an agent's desk takes that of the call). Answers the draft (draft_json_v1 with
-- `customer` and `total_cents`) or null: it is no draft any more, or somebody else holds it.
CREATE FUNCTION hold_draft_v1(p_order uuid, p_holder text, p_seconds integer, p_from text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    o sales_order;
BEGIN
    SELECT * INTO o FROM sales_order WHERE id = p_order FOR UPDATE;
    IF NOT FOUND OR o.state <> 'draft' OR is_held_v1(o, p_holder)
            AND o.held_by IS DISTINCT FROM p_from THEN
        RETURN NULL;
    END IF;
    IF p_seconds > 0 AND o.held_by IS DISTINCT FROM p_holder THEN
        PERFORM note_order_v1(o.id, 'order.taken', actor_of_v1(p_holder),
            jsonb_build_object('holder', p_holder));
    END IF;
    UPDATE sales_order SET held_by = CASE WHEN p_seconds > 0 THEN p_holder END,
        held_until = CASE WHEN p_seconds > 0
            THEN clock_timestamp() + make_interval(secs => p_seconds) END
    WHERE id = o.id RETURNING * INTO o;
    RETURN draft_json_v1(o) || jsonb_build_object('customer', o.customer_id, 'total_cents', o.total_cents);
END $$;

-- Nobody goes on with this draft. False: it is none any more, or somebody else holds it.
CREATE FUNCTION drop_draft_v1(p_order uuid, p_holder text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    o sales_order;
BEGIN
    SELECT * INTO o FROM sales_order WHERE id = p_order FOR UPDATE;
    IF NOT FOUND OR o.state <> 'draft' OR is_held_v1(o, p_holder) THEN
        RETURN coalesce(o.state = 'abandoned', false);
    END IF;
    PERFORM abandon_v1(o.id, actor_of_v1(p_holder));
    RETURN true;
END $$;

CREATE FUNCTION abandon_v1(p_order uuid, p_actor text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sales_order SET state = 'abandoned', ended_at = clock_timestamp(), held_by = NULL, held_until = NULL
    WHERE id = p_order;
    PERFORM note_order_v1(p_order, 'order.abandoned', p_actor);
END $$;

-- Drafts that nobody went on with for so many hours are abandoned, at most so many; answers how many.
CREATE FUNCTION abandon_old_drafts_v1(p_limit integer, p_hours integer DEFAULT 24) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_count integer := 0;
    v_id uuid;
BEGIN
    FOR v_id IN
        SELECT o.id FROM sales_order o
        WHERE o.state = 'draft' AND o.updated_at < clock_timestamp() - make_interval(hours => p_hours)
        ORDER BY o.updated_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM abandon_v1(v_id, 'system');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END $$;
