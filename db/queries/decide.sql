-- What a decider asks, and how its decisions are kept. `known`: JSON, the versions of each subscriber's
-- catalogue that it has read before.

-- name: decision_facts
-- Where customers and offers are in one database: all that is known, {customer, strategy}.
SELECT decision_facts_v1(%(customer)s, %(subscriber)s, %(known)s::jsonb) AS facts

-- name: call_facts
-- The same for whoever is on a call; null when that is not known.
SELECT call_facts_v1(%(call)s, %(known)s::jsonb) AS facts

-- name: customer_facts
-- Of the customers database; null: no such customer.
SELECT customer_facts_v1(%(customer)s, p_apart => true) AS facts

-- name: strategy_facts
-- Of the offers database; null: no such subscriber.
SELECT strategy_facts_v1(%(customer)s, %(subscriber)s, %(known)s::jsonb) AS facts

-- name: record_decision
-- `decision`: JSON of cordboard/decision.py; kept once by its id, attached to its call.
SELECT record_decision_v1(%(decision)s::jsonb)
