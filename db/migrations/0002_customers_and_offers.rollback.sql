DROP TABLE service_failure_account, service_failure, disposition_code, customer_offer, offer,
    customer_phone, account, customer;
DROP FUNCTION check_offer_status();
DROP TYPE disposition_kind, offer_status, offer_kind, account_status;
