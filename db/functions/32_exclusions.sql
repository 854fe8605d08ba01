-- Offers that shut each other out: a pair is stored once, and edited from both ends.

-- Codes of the offers that this one shuts out, and is shut out by.
CREATE FUNCTION excluded_codes_v1(p_offer integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(o.code::text ORDER BY o.code), '{}')
    FROM offer_exclusion x
    JOIN offer o ON o.id = x.offer_id + x.excluded_id - p_offer
    WHERE p_offer IN (x.offer_id, x.excluded_id)
$$;

-- Make these offers of the same subscriber, and no others, the ones that this offer shuts out;
-- answers their codes. A code that the subscriber has no offer of is passed over.
CREATE FUNCTION set_exclusions_v1(p_offer integer, p_codes text[])
RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM offer_exclusion WHERE p_offer IN (offer_id, excluded_id);
    INSERT INTO offer_exclusion (offer_id, excluded_id)
    SELECT least(p_offer, other.id), greatest(p_offer, other.id)
    FROM offer o JOIN offer other ON other.subscriber_id = o.subscriber_id AND other.id <> o.id
    WHERE o.id = p_offer AND other.code = ANY (p_codes);
    RETURN excluded_codes_v1(p_offer);
END $$;
