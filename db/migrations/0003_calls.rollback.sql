DROP TABLE verification_attempt, customer_lookup, call_note, disposition, journal_error, call_event,
    call_leg, call_offer, call;
DROP FUNCTION check_call_state();
DROP FUNCTION cti_lengths_fit(jsonb);
DROP TYPE leg_role, call_outcome, call_state, call_direction;
