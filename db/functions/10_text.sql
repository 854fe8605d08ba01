-- Small helpers for text, time and key-value pairs; all of them pure.

-- 2026-01-31T09:30:00.000Z, as every JSON of Cordboard has it.
CREATE FUNCTION iso_time_v1(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Milliseconds since 1970, as the journal has it; null stays null.
CREATE FUNCTION time_of_ms_v1(p_ms text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT to_timestamp(p_ms::double precision / 1000)
$$;

-- The other way round: milliseconds since 1970; null stays null.
CREATE FUNCTION ms_of_v1(p_at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(extract(epoch FROM p_at) * 1000)::bigint
$$;

-- Text made fit for a value of the call's data: one line, at most 256 characters.
CREATE FUNCTION clean_value_v1(p_text text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT left(regexp_replace(p_text, '[\x01-\x1f\x7f]+', ' ', 'g'), 256)
$$;

-- Percent-encoding of RFC 3986: everything but the unreserved characters.
CREATE FUNCTION encode_url_v1(p_text text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_text ~ '^[A-Za-z0-9._~-]*$' THEN
        RETURN p_text;
    END IF;
    RETURN (
        SELECT string_agg(CASE WHEN c ~ '^[A-Za-z0-9._~-]$' THEN c ELSE upper(
            regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) END, '' ORDER BY i)
        FROM regexp_split_to_table(p_text, '') WITH ORDINALITY AS letter (c, i));
END $$;

-- Each {key} that p_values knows is replaced in one pass; any other stays as it is.
CREATE FUNCTION fill_template_v1(p_template text, p_values jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_filled text := '';
    v_part record;
BEGIN
    FOR v_part IN
        SELECT m[1] AS plain, m[2] AS key
        FROM regexp_matches(p_template, '([^{]*|\{)(?:\{([a-z_]+)\})?', 'g') AS m
    LOOP
        v_filled := v_filled || v_part.plain;
        IF v_part.key IS NOT NULL THEN
            v_filled := v_filled || coalesce(p_values ->> v_part.key, '{' || v_part.key || '}');
        END IF;
    END LOOP;
    RETURN v_filled;
END $$;

-- An offer's URL for one call, or for a list without one; null when it is none, is not http(s), or grows too long to travel.
CREATE FUNCTION fill_offer_url_v1(p_url text, p_call uuid, p_account text, p_customer text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_url text := p_url;
BEGIN
    v_url := replace(v_url, '{call}', coalesce(p_call::text, ''));
    v_url := replace(v_url, '{account}', encode_url_v1(coalesce(p_account, '')));
    v_url := replace(v_url, '{customer}', encode_url_v1(coalesce(p_customer, '')));
    RETURN CASE WHEN v_url ~ '^https?://[^\s"<>]+$' AND char_length(v_url) <= 256 THEN v_url END;
END $$;
