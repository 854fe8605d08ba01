-- Lists of offers outside calls: for visitors, in chats, for a subscriber's own systems.

-- Addresses of some offers for a customer, filled in; one that is not fit is left out.
CREATE FUNCTION listed_urls_v1(p_customer bigint, p_offers integer[])
RETURNS TABLE (offer integer, url text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT o.id, filled.url
    FROM customer c
    JOIN offer o ON o.id = ANY (p_offers) AND o.subscriber_id = c.subscriber_id
    LEFT JOIN account a ON a.id = only_account_v1(c.id)
    CROSS JOIN LATERAL fill_offer_url_v1(o.url, NULL, a.number, c.code) AS filled (url)
    WHERE c.id = p_customer AND filled.url IS NOT NULL;
END $$;

-- A customer chose an offer of a list and saw it: kept once for the list and the offer, with rank, p and
-- attributes as they were; the chance only when it was the policy that put it first. False: it was before,
-- or the list, or the offer in it, is not this customer's.
CREATE FUNCTION expose_listed_offer_v1(
    p_decision uuid, p_customer bigint, p_offer integer, p_channel text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_entry jsonb := (
        SELECT e FROM decision d CROSS JOIN LATERAL jsonb_array_elements(d.ranking) e
        WHERE d.id = p_decision AND d.customer_id = p_customer
          AND (e ->> 'offer')::integer = p_offer AND e ->> 'state' = 'offered');
BEGIN
    IF v_entry IS NULL OR NOT EXISTS (SELECT FROM offer WHERE id = p_offer) THEN
        RETURN false;
    END IF;
    INSERT INTO exposure (customer_id, offer_id, decision_id, channel, rank, chance, p, features)
    VALUES (p_customer, p_offer, p_decision, p_channel, (v_entry ->> 'rank')::smallint,
        chance_of_v1(v_entry), (v_entry ->> 'p')::real, attributes_before_v1(p_customer, 'web_visits_30d'))
    ON CONFLICT (decision_id, offer_id) WHERE call_id IS NULL DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM move_offer_v1(p_customer, p_offer, 'presented', ARRAY['open', 'later']::offer_status[]);
    RETURN true;
END $$;
