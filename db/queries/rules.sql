-- What is known of customers, and who matches a rule.

-- name: refresh_features
SELECT refresh_features_v1(%(customers)s::bigint[]) AS rows
