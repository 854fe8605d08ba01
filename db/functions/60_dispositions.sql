-- What the agent says came of it. Errors, by SQLSTATE (db/errors.py):
--   CB001 no such call          CB002 not this agent's call      CB003 not a code of this subscriber and kind
--   CB004 the call is closed    CB005 the key was used for something else      CB006 no such customer here
--   CB007 illegal transition    CB008 the offer is not attached to the call
--   CB014 the offer was withdrawn      CB015 another offer of the kind was presented meanwhile

-- The call, locked, if it is this agent's.
CREATE FUNCTION lock_call_of_agent_v1(p_call uuid, p_agent integer) RETURNS call LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
BEGIN
    IF v_call.agent_id IS DISTINCT FROM p_agent THEN
        RAISE EXCEPTION 'call % is not a call of agent %', p_call, p_agent USING ERRCODE = 'CB002';
    END IF;
    RETURN v_call;
END $$;

-- The row that a key was used for, after a check that it was used for the same.
CREATE FUNCTION find_disposition_v1(p_key text, p_call uuid, p_kind text) RETURNS disposition
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_row disposition;
BEGIN
    SELECT * INTO v_row FROM disposition WHERE idempotency_key = p_key;
    IF FOUND AND (v_row.call_id <> p_call OR v_row.kind::text <> p_kind) THEN
        RAISE EXCEPTION 'this idempotency key was used for another disposition' USING ERRCODE = 'CB005';
    END IF;
    RETURN v_row;
END $$;

-- The code in force for the offer of a kind that is attached now; no row: none is. A code that was given
-- while no offer of the kind was attached counts for the kind.
CREATE FUNCTION disposition_in_force_v1(p_call uuid, p_kind text, p_offer integer)
RETURNS SETOF disposition LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT d.* FROM disposition d
        WHERE d.call_id = p_call AND d.kind::text = p_kind AND d.replaced_at IS NULL
          AND (d.offer_id IS NULL OR d.offer_id = p_offer);
END $$;

-- Stores one disposition in place of an earlier one for the same offer, and moves the offer on.
CREATE FUNCTION store_disposition_v1(
    p_call call, p_agent integer, p_kind offer_kind, p_offer integer, p_code disposition_code, p_note text,
    p_key text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_old disposition;
BEGIN
    SELECT * INTO v_old FROM disposition_in_force_v1(p_call.id, p_kind::text, p_offer) ORDER BY id DESC LIMIT 1;
    WITH old AS (
        UPDATE disposition SET replaced_at = now()
        WHERE id IN (SELECT id FROM disposition_in_force_v1(p_call.id, p_kind::text, p_offer))
        RETURNING *)
    INSERT INTO audit_entry (actor_id, action, entity, data)
    SELECT p_agent, 'disposition.replaced', 'call:' || p_call.id, jsonb_build_object(
        'kind', p_kind, 'code', old.code, 'agent', old.agent_id, 'by', p_code.code)
    FROM old;
    -- Before the answer is one of the customer's attributes: an exposure has them as they were when asked.
    IF p_offer IS NOT NULL AND p_call.customer_id IS NOT NULL THEN
        PERFORM answer_exposure_v1(p_call, p_offer, p_agent, p_code);
    END IF;
    INSERT INTO disposition (call_id, kind, subscriber_id, code_kind, code, agent_id, customer_id,
        offer_id, note, idempotency_key)
    VALUES (p_call.id, p_kind, p_call.subscriber_id, p_code.kind, p_code.code, p_agent,
        p_call.customer_id, p_offer, nullif(p_note, ''), p_key);
    IF p_offer IS NULL OR p_call.customer_id IS NULL THEN
        RETURN;
    END IF;
    IF p_code.resulting_status IS NOT NULL THEN
        PERFORM move_offer_v1(p_call.customer_id, p_offer, p_code.resulting_status, enum_range(NULL::offer_status));
    ELSIF p_code.not_presented AND v_old.id IS NOT NULL THEN
        -- The answer that this takes back was given in this call: the offer is to be had again.
        PERFORM move_offer_v1(p_call.customer_id, p_offer, 'later', ARRAY(
            SELECT c.resulting_status FROM disposition_code c WHERE c.subscriber_id = v_old.subscriber_id
              AND c.kind = v_old.code_kind AND c.code = v_old.code
              AND c.resulting_status IN ('accepted', 'declined')));
    END IF;
END $$;

-- The offer of a kind that is attached to a call now; null: none is. `p_code` says which one the agent
-- saw: another was presented meanwhile, on another screen, and what was said of the first is not its.
CREATE FUNCTION offer_spoken_of_v1(p_call uuid, p_kind text, p_code text) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_offer call_offer;
BEGIN
    SELECT * INTO v_offer FROM call_offer WHERE call_id = p_call AND kind::text = p_kind;
    IF p_code <> '' AND p_code IS DISTINCT FROM v_offer.code THEN
        RAISE EXCEPTION 'another % offer is presented in this call now', p_kind USING ERRCODE = 'CB015';
    END IF;
    RETURN v_offer.offer_id;
END $$;

-- Records an agent's code for the offer of a kind that is attached now (`p_offer`: its code, when it is to
-- be that one). The same key answers the same and stores nothing; another code for the same offer replaces
-- the first while the call is not closed.
CREATE FUNCTION record_disposition_v1(
    p_call uuid, p_agent integer, p_kind text, p_code text, p_note text, p_key text,
    p_offer text DEFAULT NULL
) RETURNS TABLE (kind text, code text, label text, resulting_status text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_of_agent_v1(p_call, p_agent);
    v_done disposition := find_disposition_v1(p_key, p_call, p_kind);
    v_code disposition_code;
    v_offer integer;
BEGIN
    SELECT * INTO v_code FROM disposition_code d
    WHERE d.subscriber_id = v_call.subscriber_id AND d.kind::text = p_kind
      AND d.code = coalesce(v_done.code, p_code) AND d.kind <> 'system';
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not a % code of this subscriber', left(p_code, 40), left(p_kind, 20)
            USING ERRCODE = 'CB003';
    END IF;
    IF v_done.id IS NULL THEN
        v_offer := offer_spoken_of_v1(p_call, p_kind, p_offer);
        IF v_call.state = 'ended' AND EXISTS (SELECT FROM disposition_in_force_v1(p_call, p_kind, v_offer)) THEN
            RAISE EXCEPTION 'the call is closed and has its code' USING ERRCODE = 'CB004';
        END IF;
        PERFORM store_disposition_v1(v_call, p_agent, p_kind::offer_kind, v_offer, v_code, p_note, p_key);
        INSERT INTO call_event (call_id, name, data)
        VALUES (p_call, 'disposition.recorded', jsonb_strip_nulls(jsonb_build_object('kind', p_kind,
            'code', v_code.code, 'agent', p_agent, 'offer', (SELECT o.code FROM offer o WHERE o.id = v_offer))));
    END IF;
    RETURN QUERY SELECT p_kind, v_code.code::text, v_code.label::text, v_code.resulting_status::text,
        v_done.id IS NOT NULL;
END $$;

-- The offer that the system speaks of: that of a code, or without one the attached one of the kind. What
-- was said of an offer that is not known here is never taken for an answer to another: CB008.
CREATE FUNCTION offer_of_code_v1(p_call call, p_kind text, p_code text) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_offer integer;
BEGIN
    IF p_code IS NULL THEN
        RETURN (SELECT offer_id FROM call_offer WHERE call_id = p_call.id AND kind::text = p_kind);
    END IF;
    SELECT id INTO v_offer FROM offer WHERE subscriber_id = p_call.subscriber_id AND code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'offer % is not known here: if it is new, copy it (cordboard offers sync)',
            left(p_code, 40) USING ERRCODE = 'CB008';
    END IF;
    RETURN v_offer;
END $$;

-- A code that the system gives: wrap-up ran out, or the caller keyed an answer to the automated
-- presentation of `p_offer` (null: the attached one). An agent's own stands, whenever it came.
CREATE FUNCTION record_system_disposition_v1(
    p_call uuid, p_kind text, p_code text, p_key text, p_offer text DEFAULT NULL
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_code disposition_code;
    v_offer integer := offer_of_code_v1(v_call, p_kind, p_offer);
BEGIN
    IF EXISTS (SELECT FROM disposition_in_force_v1(p_call, p_kind, v_offer)) THEN
        RETURN false;
    END IF;
    SELECT * INTO v_code FROM disposition_code d
    WHERE d.subscriber_id = v_call.subscriber_id AND d.kind = 'system' AND d.code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not a system code of this subscriber', left(p_code, 40) USING ERRCODE = 'CB003';
    END IF;
    PERFORM store_disposition_v1(v_call, NULL, p_kind::offer_kind, v_offer, v_code, NULL, p_key);
    RETURN true;
END $$;
