-- Rows that two databases share, when offers are in one of their own (docs/split.md): subscribers and
-- agent groups are the customers database's, offers are the offers database's. The other has a copy,
-- for its foreign keys.

-- Every row of a table, as JSON, in the order of its first column.
CREATE FUNCTION read_rows_v1(p_table regclass) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_rows jsonb;
BEGIN
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t), ''[]'') FROM %s t', p_table)
        INTO v_rows;
    RETURN v_rows;
END $$;

-- Makes the rows of a table what p_rows says, by primary key; rows that are not among them stay.
-- Answers those that were new or different.
CREATE FUNCTION take_rows_v1(p_table regclass, p_rows jsonb)
RETURNS TABLE (taken jsonb, added boolean) LANGUAGE plpgsql AS $$
DECLARE
    v_key text;
    v_columns text;
    v_set text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
            FILTER (WHERE attnum = ANY (i.indkey)),
        string_agg(quote_ident(attname), ', ' ORDER BY attnum),
        -- A key that is always counted cannot be set, and need not: it is the same.
        string_agg(format('%1$I = excluded.%1$I', attname), ', ') FILTER (WHERE attidentity <> 'a')
    INTO v_key, v_columns, v_set
    FROM pg_attribute JOIN pg_index i ON i.indrelid = attrelid AND i.indisprimary
    WHERE attrelid = p_table AND attnum > 0 AND NOT attisdropped;
    RETURN QUERY EXECUTE format(
        'INSERT INTO %1$s AS t (%3$s) OVERRIDING SYSTEM VALUE'
        ' SELECT %3$s FROM jsonb_populate_recordset(NULL::%1$s, $1)'
        ' ON CONFLICT (%2$s) DO UPDATE SET %4$s'
        ' WHERE (t.*) IS DISTINCT FROM (excluded.*)'
        ' RETURNING to_jsonb(t), t.xmax = 0', p_table, v_key, v_columns, v_set) USING p_rows;
END $$;

-- Sees to it that the next id of a table is one that no row has, after rows came with theirs.
CREATE FUNCTION skip_ids_v1(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), greatest(max(id), 1)) FROM %I',
        p_table, p_table);
END $$;

-- Deletes the copies of exclusions that are not among p_rows, those there are; answers them.
CREATE FUNCTION drop_exclusions_v1(p_rows jsonb) RETURNS SETOF offer_exclusion LANGUAGE sql AS $$
    DELETE FROM offer_exclusion x
    WHERE NOT EXISTS (
        SELECT FROM jsonb_populate_recordset(NULL::offer_exclusion, p_rows) AS there
        WHERE (there.offer_id, there.excluded_id) = (x.offer_id, x.excluded_id))
    RETURNING x.*
$$;

-- Switches off the copies of offers that are not among p_ids, the offers there are; answers them.
CREATE FUNCTION withdraw_offers_v1(p_ids integer[]) RETURNS SETOF text LANGUAGE sql AS $$
    UPDATE offer SET active = false WHERE active AND id <> ALL (p_ids) RETURNING code::text
$$;
