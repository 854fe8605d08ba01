-- What is known of customers, and who matches a rule.

-- name: refresh_features
SELECT refresh_features_v1(%(customers)s::bigint[]) AS rows

-- name: count_matching
-- Customers of a subscriber whom rules let in: how many each, how many all of them together, and
-- who for example. db/rules.py writes the rules in the places that are marked.
WITH asked AS (
    SELECT f.customer_id, ARRAY[/*rules*/ true]::boolean[] AS held, f.computed_at
    FROM customer_feature f
    WHERE f.subscriber_id = %(subscriber)s
)
SELECT count(*) AS everybody,
    count(*) FILTER (WHERE true = ALL (held)) AS matching,
    max(computed_at) AS as_of,
    /*counts*/ ARRAY[]::bigint[] AS each,
    (SELECT coalesce(jsonb_agg(e ORDER BY e.id), '[]') FROM (
        SELECT c.id, c.code, c.first_name || ' ' || c.last_name AS name
        FROM asked a JOIN customer c ON c.id = a.customer_id
        WHERE true = ALL (a.held) ORDER BY c.id LIMIT %(examples)s) AS e) AS examples
FROM asked
