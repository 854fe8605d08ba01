DROP TABLE audit_entry, location, phone_device, group_member, agent_skill, user_account, did,
    agent_group, holiday, opening_hours, schedule, subscriber;
DROP TYPE user_role, identify_policy;
DROP DOMAIN web_url, label, result_code, code, slug, e164;
