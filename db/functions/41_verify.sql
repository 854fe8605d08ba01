-- Digits that a caller keyed: account number and SSN (as keyed hash), either may be null or empty.

-- Three wrong SSNs in a call, or five for an account within an hour and since it was last verified, and
-- no more are compared.
CREATE FUNCTION ssn_locked_v1(p_call uuid, p_account bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(*) FROM verification_attempt WHERE call_id = p_call AND wrong_ssn) >= 3
        OR (SELECT count(*) FROM verification_attempt
            WHERE account_id = p_account AND wrong_ssn AND at > now() - interval '1 hour'
              AND id > coalesce((SELECT max(id) FROM verification_attempt
                                 WHERE account_id = p_account AND status = 'VERIFIED'), 0)) >= 5;
END $$;

-- VERIFIED       SSN and account, or SSN and calling number, agree on one customer
-- ACCOUNT_FOUND  the account is this subscriber's; no SSN was given
-- SSN_FOUND      the SSN is one customer's; nothing else speaks for it
-- NOT_FOUND      neither is known here
-- WRONG_SSN      the SSN is not that of the account, or of the customer who calls
-- INVALID        the digits cannot be an account number or an SSN; does not count as a try
-- LOCKED         too many wrong SSNs: this one was not compared
CREATE FUNCTION verify_account_v1(p_call uuid, p_account text, p_ssn_hash bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_call call := lock_call_v1(p_call);
    v_number text := nullif(p_account, '');
    v_keyed_account boolean := v_number IS NOT NULL;
    v_ssn bytea := nullif(p_ssn_hash, '');
    v_wanted account;
    v_found jsonb;
    v_customer bigint;
    v_account_matched boolean;
    v_ssn_matched boolean;
    v_locked boolean;
    v_by text[];
    v_verified boolean;
    v_status text;
BEGIN
    IF (v_number IS NULL AND v_ssn IS NULL) OR v_number !~ '^[0-9]{6,12}$' OR octet_length(v_ssn) <> 32 THEN
        RETURN 'INVALID';
    END IF;

    -- Without a keyed account, the one that the calling number or an earlier try found stands in.
    SELECT * INTO v_wanted FROM account
    WHERE subscriber_id = v_call.subscriber_id AND status <> 'closed'
      AND CASE WHEN v_keyed_account THEN number = v_number ELSE id = v_call.account_id END
    FOR NO KEY UPDATE;
    v_locked := v_ssn IS NOT NULL AND ssn_locked_v1(p_call, v_wanted.id);
    v_found := find_match_v1(v_call, v_wanted.number, CASE WHEN NOT v_locked THEN v_ssn END);
    v_account_matched := v_found ->> 'IDENTIFIED_BY' LIKE 'account%';
    v_ssn_matched := v_found ->> 'IDENTIFIED_BY' LIKE '%ssn';
    SELECT id INTO v_customer FROM customer
    WHERE subscriber_id = v_call.subscriber_id AND code = v_found ->> 'CUSTOMER_ID';

    -- The calling number speaks for one customer (or for several) against an SSN of somebody else.
    IF NOT v_keyed_account AND v_ssn_matched AND v_customer <> v_call.customer_id THEN
        v_found := NULL;
        v_ssn_matched := false;
    END IF;

    IF v_found IS NOT NULL THEN
        v_by := CASE WHEN v_customer = v_call.customer_id THEN v_call.identified_by ELSE '{}' END;
        v_by := v_by || CASE
            WHEN v_keyed_account AND v_account_matched AND NOT 'account' = ANY (v_by) THEN ARRAY['account']
            WHEN NOT v_keyed_account AND NOT v_account_matched AND v_by = '{}'
                AND EXISTS (SELECT FROM customer_phone
                            WHERE customer_id = v_customer AND number = v_call.ani) THEN ARRAY['ani']
            ELSE '{}' END;
        v_by := v_by || CASE WHEN v_ssn_matched AND NOT 'ssn' = ANY (v_by) THEN ARRAY['ssn'] ELSE '{}' END;
        v_verified := 'ssn' = ANY (v_by) AND v_by && ARRAY['ani', 'account'];
        -- A shared number and an SSN together name the account as well.
        IF NOT v_account_matched AND v_verified THEN
            v_found := coalesce(find_match_v1(v_call, v_found ->> 'ACCOUNT_NUMBER', v_ssn), v_found);
        END IF;
        PERFORM attach_match_v1(p_call, v_found, v_by, v_verified);
    END IF;

    v_status := CASE
        WHEN v_locked THEN 'LOCKED'
        WHEN v_ssn IS NOT NULL AND NOT coalesce(v_ssn_matched, false)
            AND (v_account_matched OR v_call.customer_id IS NOT NULL AND NOT v_keyed_account) THEN 'WRONG_SSN'
        WHEN v_found IS NULL THEN 'NOT_FOUND'
        WHEN v_verified THEN 'VERIFIED'
        WHEN v_account_matched THEN 'ACCOUNT_FOUND'
        ELSE 'SSN_FOUND' END;
    INSERT INTO verification_attempt (call_id, account_id, status, wrong_ssn)
    VALUES (p_call, v_wanted.id, v_status,
        v_ssn IS NOT NULL AND NOT v_locked AND NOT coalesce(v_ssn_matched, false));
    -- Nine digits that are nobody's account may be an SSN keyed at the wrong prompt: they are not kept.
    IF v_keyed_account AND (v_account_matched OR length(v_number) <> 9) THEN
        UPDATE call SET cti = cti || jsonb_build_object('CED_ACCOUNT', v_number) WHERE id = p_call;
    END IF;
    INSERT INTO call_event (call_id, name, data)
    VALUES (p_call, 'caller.verified', jsonb_build_object('status', v_status));
    RETURN v_status;
END $$;
