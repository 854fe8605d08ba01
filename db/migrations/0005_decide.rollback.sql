DROP INDEX disposition_in_force;
UPDATE disposition d SET replaced_at = now()
WHERE replaced_at IS NULL AND EXISTS (
    SELECT FROM disposition newer WHERE newer.call_id = d.call_id AND newer.kind = d.kind
        AND newer.replaced_at IS NULL AND newer.id > d.id);
CREATE UNIQUE INDEX disposition_in_force ON disposition (call_id, kind) WHERE replaced_at IS NULL;
ALTER TABLE call_offer DROP COLUMN rank;
ALTER TABLE call DROP COLUMN decision_id;
DROP TABLE exposure, decision, decision_policy, offer_strategy, strategy_build, propensity_model,
    customer_changed, customer_feature, purchase, offer_rule, offer_exclusion;
DROP TYPE contact_channel, exploration, build_state, model_state;
ALTER TABLE offer
    DROP CONSTRAINT offer_ivr_needs_text,
    DROP COLUMN channels, DROP COLUMN group_id, DROP COLUMN skill, DROP COLUMN cooldown_days,
    DROP COLUMN max_exposures, DROP COLUMN prior_p, DROP COLUMN prior_weight, DROP COLUMN ivr_text,
    DROP COLUMN version;
