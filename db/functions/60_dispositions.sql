-- What the agent says came of it. Errors, by SQLSTATE (db/errors.py):
--   CB001 no such call          CB002 not this agent's call      CB003 not a code of this subscriber and kind
--   CB004 the call is closed    CB005 the key was used for something else      CB006 no such customer here
--   CB007 illegal transition    CB008 the offer is not attached to the call

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

-- Stores one disposition in place of an earlier one, and moves the offer of that kind on.
CREATE FUNCTION store_disposition_v1(
    p_call call, p_agent integer, p_kind offer_kind, p_code disposition_code, p_note text, p_key text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_old disposition;
    v_offer integer := (SELECT offer_id FROM call_offer WHERE call_id = p_call.id AND kind = p_kind);
BEGIN
    UPDATE disposition SET replaced_at = now()
    WHERE call_id = p_call.id AND kind = p_kind AND replaced_at IS NULL RETURNING * INTO v_old;
    IF FOUND THEN
        INSERT INTO audit_entry (actor_id, action, entity, data)
        VALUES (p_agent, 'disposition.replaced', 'call:' || p_call.id, jsonb_build_object(
            'kind', p_kind, 'code', v_old.code, 'agent', v_old.agent_id, 'by', p_code.code));
    END IF;
    INSERT INTO disposition (call_id, kind, subscriber_id, code_kind, code, agent_id, customer_id,
        offer_id, note, idempotency_key)
    VALUES (p_call.id, p_kind, p_call.subscriber_id, p_code.kind, p_code.code, p_agent,
        p_call.customer_id, v_offer, nullif(p_note, ''), p_key);
    INSERT INTO customer_offer AS co (customer_id, offer_id, status)
    SELECT p_call.customer_id, v_offer, p_code.resulting_status
    WHERE p_call.customer_id IS NOT NULL AND v_offer IS NOT NULL AND p_code.resulting_status IS NOT NULL
    ON CONFLICT (customer_id, offer_id) DO UPDATE SET status = excluded.status, updated_at = now()
    WHERE co.status <> excluded.status;
END $$;

-- Records an agent's code. The same key answers the same and stores nothing; another code for the same
-- kind replaces the first while the call is not closed.
CREATE FUNCTION record_disposition_v1(
    p_call uuid, p_agent integer, p_kind text, p_code text, p_note text, p_key text
) RETURNS TABLE (kind text, code text, label text, resulting_status text, replayed boolean)
LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_of_agent_v1(p_call, p_agent);
    v_done disposition := find_disposition_v1(p_key, p_call, p_kind);
    v_code disposition_code;
BEGIN
    SELECT * INTO v_code FROM disposition_code d
    WHERE d.subscriber_id = v_call.subscriber_id AND d.kind::text = p_kind
      AND d.code = coalesce(v_done.code, p_code) AND d.kind <> 'system';
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not a % code of this subscriber', left(p_code, 40), left(p_kind, 20)
            USING ERRCODE = 'CB003';
    END IF;
    IF v_done.id IS NULL THEN
        IF v_call.state = 'ended' AND EXISTS (
            SELECT FROM disposition d
            WHERE d.call_id = p_call AND d.kind::text = p_kind AND d.replaced_at IS NULL
        ) THEN
            RAISE EXCEPTION 'the call is closed and has its code' USING ERRCODE = 'CB004';
        END IF;
        PERFORM store_disposition_v1(v_call, p_agent, p_kind::offer_kind, v_code, p_note, p_key);
        INSERT INTO call_event (call_id, name, data)
        VALUES (p_call, 'disposition.recorded',
            jsonb_build_object('kind', p_kind, 'code', v_code.code, 'agent', p_agent));
    END IF;
    RETURN QUERY SELECT p_kind, v_code.code::text, v_code.label::text, v_code.resulting_status::text,
        v_done.id IS NOT NULL;
END $$;

-- A code that the system gives (wrap-up ran out); an agent's own stands, whenever it came.
CREATE FUNCTION record_system_disposition_v1(p_call uuid, p_kind text, p_code text, p_key text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_code disposition_code;
BEGIN
    IF EXISTS (SELECT FROM disposition d
               WHERE d.call_id = p_call AND d.kind::text = p_kind AND d.replaced_at IS NULL) THEN
        RETURN false;
    END IF;
    SELECT * INTO v_code FROM disposition_code d
    WHERE d.subscriber_id = v_call.subscriber_id AND d.kind = 'system' AND d.code = p_code;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not a system code of this subscriber', left(p_code, 40) USING ERRCODE = 'CB003';
    END IF;
    PERFORM store_disposition_v1(v_call, NULL, p_kind::offer_kind, v_code, NULL, p_key);
    RETURN true;
END $$;
