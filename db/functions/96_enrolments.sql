-- New clients: enrolled in one call or form, their names typed later when they were recorded.

-- Keys of `p`: id subscriber source call number postcode city region street first_name last_name email
-- method billing; needed are id, subscriber, source, number, method and billing. `p_name` and `p_address`:
-- recordings. Makes customer, enrolment and preference, once by its id, and attaches the client to the
-- call. The client is known by the number of the call; `number` is for calling back, and anybody can key or
-- type anybody's. Answers {enrolment, customer, code, state}. Without a typed name the enrolment is
-- `recorded`, and waits for somebody who types it. Errors: CB053 the id is another subscriber's; CB055.
CREATE FUNCTION enrol_client_v1(p jsonb, p_name bytea DEFAULT NULL, p_address bytea DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid := (p ->> 'id')::uuid;
    v_subscriber subscriber;
    v_customer bigint;
    v_call call;
BEGIN
    SELECT * INTO v_subscriber FROM subscriber WHERE code = p ->> 'subscriber';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no subscriber %', left(p ->> 'subscriber', 40) USING ERRCODE = 'CB055';
    ELSIF coalesce(p ->> 'number', '') !~ '^\+[1-9][0-9]{6,14}$' THEN
        RAISE EXCEPTION 'a client needs a telephone number; key one with country code' USING ERRCODE = 'CB055';
    ELSIF p ->> 'billing' = 'on_account' THEN
        RAISE EXCEPTION 'who has no account cannot order on account; choose another way to pay'
            USING ERRCODE = 'CB055';
    END IF;
    -- Two at once with one id: the second waits here and then finds the first.
    PERFORM pg_advisory_xact_lock(hashtext('enrol'), hashtext(v_id::text));
    IF NOT EXISTS (SELECT FROM enrolment WHERE id = v_id) THEN
        SELECT * INTO v_call FROM call
        WHERE id = (p ->> 'call')::uuid AND subscriber_id = v_subscriber.id FOR UPDATE;
        v_customer := new_client_v1(v_subscriber, p, v_call.ani);
        INSERT INTO enrolment (id, subscriber_id, customer_id, source, number, state, billing, method,
            typed_at)
        SELECT v_id, v_subscriber.id, v_customer, (p ->> 'source')::order_source, p ->> 'number',
            CASE WHEN typed THEN 'typed' ELSE 'recorded' END::enrolment_state,
            (p ->> 'billing')::billing_method, (p ->> 'method')::delivery_method,
            CASE WHEN typed THEN now() END
        FROM (SELECT is_named_v1(p)) AS named (typed);
        INSERT INTO preference (customer_id, method) VALUES (v_customer, (p ->> 'method')::delivery_method);
        INSERT INTO client_audio (customer_id, what, wav, call_id)
        SELECT v_customer, sound.what, sound.wav, (p ->> 'call')::uuid
        FROM (VALUES ('name', p_name), ('address', p_address)) AS sound (what, wav)
        WHERE sound.wav IS NOT NULL;
        IF v_call.id IS NOT NULL THEN
            PERFORM attach_client_v1(v_call, v_customer, v_call.ani IS NOT NULL);
        END IF;
    END IF;
    RETURN (
        SELECT jsonb_build_object('enrolment', e.id, 'customer', k.id, 'code', k.code, 'state', e.state)
        FROM enrolment e JOIN customer k ON k.id = e.customer_id
        WHERE e.id = v_id AND e.subscriber_id = v_subscriber.id);
END $$;

CREATE FUNCTION is_named_v1(p jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN coalesce(p ->> 'first_name', '') <> '' AND coalesce(p ->> 'last_name', '') <> '';
END $$;

-- The customer, and the number that the call came from, if any. As long as the name is sound only, people
-- see "New client".
CREATE FUNCTION new_client_v1(s subscriber, p jsonb, p_ani text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint := nextval(pg_get_serial_sequence('customer', 'id'));
BEGIN
    INSERT INTO customer (id, subscriber_id, code, first_name, last_name, email, street, city, region,
        postcode, country)
    VALUES (v_id, s.id, 'C' || v_id, CASE WHEN is_named_v1(p) THEN p ->> 'first_name' ELSE 'New' END,
        CASE WHEN is_named_v1(p) THEN p ->> 'last_name' ELSE 'client' END, nullif(p ->> 'email', ''),
        nullif(p ->> 'street', ''), nullif(p ->> 'city', ''), nullif(p ->> 'region', ''),
        nullif(p ->> 'postcode', ''), s.country);
    INSERT INTO customer_phone (customer_id, number) SELECT v_id, p_ani WHERE p_ani IS NOT NULL;
    RETURN v_id;
END $$;

-- -- Numbers that are only claimed

-- Clients who keyed or typed this number and have not called from it yet; `p_source`: only those who enrolled
-- so. At most three, first who has ordered, then the newest: whoever floods a number with names gains no more
-- than that, and pushes no regular out.
CREATE FUNCTION claimants_v1(p_subscriber integer, p_number text, p_source order_source DEFAULT NULL)
RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT e.customer_id FROM enrolment e
    WHERE e.subscriber_id = p_subscriber AND e.number = p_number
      AND e.source = coalesce(p_source, e.source)
      AND NOT EXISTS (
        SELECT FROM customer_phone p WHERE p.customer_id = e.customer_id AND p.number = p_number)
    ORDER BY EXISTS (SELECT FROM sales_order o
                     WHERE o.customer_id = e.customer_id AND o.placed_at IS NOT NULL) DESC,
        e.created_at DESC, e.id
    LIMIT 3;
END $$;

-- A call came from the number that the client claimed, and whoever calls is this client: it is theirs from
-- now on. False: the client did not claim it.
CREATE FUNCTION prove_number_v1(p_customer bigint, p_number text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO customer_phone (customer_id, number)
    SELECT e.customer_id, e.number FROM enrolment e
    WHERE e.customer_id = p_customer AND e.number = p_number
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

-- Whether somebody enrolled and has called from no number yet: by a form, or without a number.
CREATE FUNCTION is_unproved_v1(p_customer bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM enrolment e WHERE e.customer_id = p_customer)
        AND NOT EXISTS (SELECT FROM customer_phone p WHERE p.customer_id = p_customer);
END $$;

-- The number to call a client at; null: nobody knows any.
CREATE FUNCTION number_of_v1(p_customer bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT min(p.number) FROM customer_phone p WHERE p.customer_id = p_customer),
        (SELECT e.number FROM enrolment e WHERE e.customer_id = p_customer));
END $$;

-- A recording of a client replaces the one there was.
CREATE FUNCTION keep_audio_v1(p_customer bigint, p_what text, p_wav bytea, p_call uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO client_audio (customer_id, what, wav, call_id) VALUES (p_customer, p_what, p_wav, p_call)
    ON CONFLICT (customer_id, what) DO UPDATE
        SET wav = excluded.wav, call_id = excluded.call_id, recorded_at = clock_timestamp();
END $$;

-- -- Typing what was recorded

CREATE FUNCTION enrolment_json_v1(e enrolment) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('enrolment', e.id, 'state', e.state, 'source', e.source,
            'number', e.number, 'method', e.method, 'billing', e.billing,
            'created_at', iso_time_v1(e.created_at), 'claimed_by', e.claimed_by,
            'claimed_until', iso_time_v1(e.claimed_until),
            'orders', (SELECT count(*) FROM sales_order o
                       WHERE o.customer_id = k.id AND o.placed_at IS NOT NULL),
            'client', client_json_v1(k) || jsonb_build_object('email', k.email))
        FROM customer k WHERE k.id = e.customer_id);
END $$;

-- Whether a user answers for one of a subscriber's groups.
CREATE FUNCTION works_for_v1(p_user integer, p_subscriber integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM group_member m JOIN agent_group g ON g.id = m.group_id
        WHERE m.user_id = p_user AND g.subscriber_id = p_subscriber);
END $$;

-- The enrolment that an agent types: the one claimed before, or else the oldest that nobody has, of the
-- subscribers the agent works for; claimed for ten minutes from now. Null: there is none.
CREATE FUNCTION claim_enrolment_v1(p_agent integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    e enrolment;
BEGIN
    SELECT * INTO e FROM enrolment x
    WHERE x.state = 'recorded' AND works_for_v1(p_agent, x.subscriber_id)
      AND (x.claimed_by IS NULL OR x.claimed_by = p_agent OR x.claimed_until <= clock_timestamp())
    ORDER BY (x.claimed_by IS NOT DISTINCT FROM p_agent) DESC, x.created_at, x.id
    LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE enrolment SET claimed_by = p_agent, claimed_until = clock_timestamp() + interval '10 minutes'
    WHERE id = e.id RETURNING * INTO e;
    RETURN enrolment_json_v1(e);
END $$;

-- How many wait for an agent to type them.
CREATE FUNCTION count_enrolments_v1(p_agent integer) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM enrolment x
            WHERE x.state = 'recorded' AND works_for_v1(p_agent, x.subscriber_id));
END $$;

-- The enrolment, locked, for an agent. CB056: it is over, somebody else has it, or it is not there for
-- this agent.
CREATE FUNCTION lock_enrolment_v1(p_enrolment uuid, p_agent integer) RETURNS enrolment
LANGUAGE plpgsql AS $$
DECLARE
    e enrolment;
BEGIN
    SELECT * INTO e FROM enrolment WHERE id = p_enrolment FOR UPDATE;
    IF NOT FOUND OR NOT works_for_v1(p_agent, e.subscriber_id) THEN
        RAISE EXCEPTION 'there is no such enrolment' USING ERRCODE = 'CB056';
    ELSIF e.state <> 'recorded' AND e.typed_by IS DISTINCT FROM p_agent THEN
        RAISE EXCEPTION 'somebody has done this enrolment already; take the next' USING ERRCODE = 'CB056';
    ELSIF e.claimed_by <> p_agent AND e.claimed_until > clock_timestamp() THEN
        RAISE EXCEPTION 'somebody else types this enrolment; take the next' USING ERRCODE = 'CB056';
    END IF;
    RETURN e;
END $$;

-- What the agent heard: first_name and last_name, and street, city, region, postcode, email where they
-- are given. The recordings go: they were kept until then. Typed again, the later words count.
-- Errors: CB055 no name; CB056.
CREATE FUNCTION type_enrolment_v1(p_enrolment uuid, p_agent integer, p jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    e enrolment := lock_enrolment_v1(p_enrolment, p_agent);
BEGIN
    IF NOT is_named_v1(p) THEN
        RAISE EXCEPTION 'a client needs a first and a last name; type both' USING ERRCODE = 'CB055';
    END IF;
    UPDATE customer SET first_name = p ->> 'first_name', last_name = p ->> 'last_name',
        street = coalesce(nullif(p ->> 'street', ''), street), city = coalesce(nullif(p ->> 'city', ''), city),
        region = coalesce(nullif(p ->> 'region', ''), region),
        postcode = coalesce(nullif(p ->> 'postcode', ''), postcode),
        email = coalesce(nullif(p ->> 'email', ''), email)
    WHERE id = e.customer_id;
    -- Orders on their way to the door have no street yet.
    UPDATE sales_order o SET street = k.street, city = k.city, postcode = k.postcode
    FROM customer k
    WHERE k.id = e.customer_id AND o.customer_id = k.id AND o.method = 'delivery' AND o.street IS NULL
      AND o.state IN ('placed', 'accepted', 'ready');
    DELETE FROM client_audio WHERE customer_id = e.customer_id;
    UPDATE enrolment SET state = 'typed', typed_at = clock_timestamp(), typed_by = p_agent, claimed_by = NULL,
        claimed_until = NULL
    WHERE id = e.id RETURNING * INTO e;
    RETURN enrolment_json_v1(e);
END $$;

-- There was nothing to be understood: the recordings go, the client stays. `p_why` is for those who audit.
-- Error: CB056.
CREATE FUNCTION discard_enrolment_v1(p_enrolment uuid, p_agent integer, p_why text DEFAULT '') RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    e enrolment := lock_enrolment_v1(p_enrolment, p_agent);
BEGIN
    IF e.state = 'recorded' THEN
        DELETE FROM client_audio WHERE customer_id = e.customer_id;
        UPDATE enrolment SET state = 'discarded', typed_by = p_agent, claimed_by = NULL, claimed_until = NULL
        WHERE id = e.id RETURNING * INTO e;
        INSERT INTO audit_entry (actor_id, action, entity, data)
        VALUES (p_agent, 'enrolment.discarded', 'enrolment:' || e.id, jsonb_build_object('why', p_why));
    END IF;
    RETURN enrolment_json_v1(e);
END $$;
