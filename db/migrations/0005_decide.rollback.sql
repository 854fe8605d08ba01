DELETE FROM disposition WHERE code_kind = 'system'
    AND code IN ('SYS_IVR_ACCEPTED', 'SYS_IVR_DECLINED', 'SYS_IVR_LATER');
DELETE FROM disposition_code WHERE kind = 'system'
    AND code IN ('SYS_IVR_ACCEPTED', 'SYS_IVR_DECLINED', 'SYS_IVR_LATER');
ALTER TABLE disposition_code DROP COLUMN not_presented;
DROP INDEX disposition_in_force;
UPDATE disposition d SET replaced_at = now()
WHERE replaced_at IS NULL AND EXISTS (
    SELECT FROM disposition newer WHERE newer.call_id = d.call_id AND newer.kind = d.kind
        AND newer.replaced_at IS NULL AND newer.id > d.id);
CREATE UNIQUE INDEX disposition_in_force ON disposition (call_id, kind) WHERE replaced_at IS NULL;
DROP FUNCTION mark_changed_customers, mark_customer_of_row, forget_strategies CASCADE;
ALTER TABLE call_offer DROP COLUMN rank;
-- The first release has a rank for each customer's offer; what is in no list comes last.
ALTER TABLE customer_offer ADD COLUMN rank smallint CHECK (rank >= 1);
INSERT INTO customer_offer (customer_id, offer_id, rank)
SELECT c.id, o.id, place.rank
FROM offer_strategy st
CROSS JOIN unnest(st.offers) WITH ORDINALITY AS place (offer_id, rank)
JOIN customer c ON c.id = st.customer_id
JOIN offer o ON o.id = place.offer_id
ON CONFLICT (customer_id, offer_id) DO UPDATE SET rank = excluded.rank;
UPDATE customer_offer SET rank = 100 WHERE rank IS NULL;
ALTER TABLE customer_offer ALTER COLUMN rank SET NOT NULL;
COMMENT ON COLUMN customer_offer.rank IS '1 is offered first';
COMMENT ON TABLE customer_offer IS NULL;
ALTER TABLE call DROP COLUMN decision_id;
DROP TABLE nightly_run, exposure, decision, decision_policy, offer_strategy, strategy_build, propensity_model,
    customer_changed, customer_deleted, customer_feature, purchase, offer_rule, offer_exclusion;
DROP TYPE contact_channel, exploration, build_state, model_state;
ALTER TABLE offer
    DROP CONSTRAINT offer_ivr_needs_text,
    DROP COLUMN channels, DROP COLUMN group_id, DROP COLUMN skill, DROP COLUMN cooldown_days,
    DROP COLUMN max_exposures, DROP COLUMN prior_p, DROP COLUMN prior_weight, DROP COLUMN ivr_text,
    DROP COLUMN version;
