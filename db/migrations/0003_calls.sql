-- depends: 0002_customers_and_offers
-- Calls: what became of each, and everything that was attached to it.

CREATE TYPE call_direction AS ENUM ('inbound', 'outbound');

CREATE TYPE call_state AS ENUM (
    'ivr',        -- ivr -> queued, ringing, connected, ended
    'queued',     -- queued -> ringing, connected, ended
    'ringing',    -- ringing -> queued, connected, ended
    'connected',  -- connected -> queued, ringing (transfer), wrap_up, ended
    'wrap_up',    -- wrap_up -> ended
    'ended'       -- final; but see check_call_state()
);

CREATE TYPE call_outcome AS ENUM (
    'answered', 'abandoned', 'abandoned_ivr', 'closed', 'fallback', 'failed'
);

-- Keys of 1 to 40 and values of at most 256 characters. Counting here costs a tenth of what a
-- bounded repetition in a regular expression does, at each change of a call.
CREATE FUNCTION cti_lengths_fit(p_cti jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM jsonb_each_text(p_cti) AS pair (key, value)
        WHERE char_length(key) NOT BETWEEN 1 AND 40 OR char_length(value) > 256);
END $$;

CREATE TABLE call (
    id            uuid PRIMARY KEY,
    subscriber_id integer REFERENCES subscriber,
    direction     call_direction NOT NULL DEFAULT 'inbound',
    ani           e164,
    dnis          text CHECK (dnis ~ '^[+0-9A-Za-z*#._-]{1,64}$'),
    group_id      integer REFERENCES agent_group,
    agent_id      integer REFERENCES user_account,
    customer_id   bigint REFERENCES customer,
    account_id    bigint REFERENCES account,
    identified_by text[] NOT NULL DEFAULT '{}'
        CHECK (identified_by <@ ARRAY['ani', 'account', 'ssn', 'agent']),
    verified      boolean NOT NULL DEFAULT false,
    priority      smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9),
    cti           jsonb NOT NULL DEFAULT '{}',
    route         text CHECK (char_length(route) <= 100),
    state         call_state NOT NULL DEFAULT 'ivr',
    outcome       call_outcome,
    started       timestamptz NOT NULL DEFAULT now(),
    queued        timestamptz,
    answered      timestamptz,
    ended         timestamptz,
    wait          interval GENERATED ALWAYS AS (coalesce(answered, ended) - queued) STORED,
    -- Keys and values as docs/architecture.md has them; they become headers and variables.
    CONSTRAINT call_cti_shape CHECK (
        jsonb_typeof(cti) = 'object'
        AND NOT cti @? '$.keyvalue() ? (@.key like_regex "^[^A-Z]|[^A-Z0-9_]")'
        AND NOT cti @? '$.* ? (@.type() != "string" || @ like_regex "[\\x01-\\x1f\\x7f]")'
        AND cti_lengths_fit(cti)
    )
);
COMMENT ON COLUMN call.ani IS 'Personal data; null when withheld or not a number';
COMMENT ON COLUMN call.cti IS 'Personal data: the key-value pairs that travel with the call';
COMMENT ON COLUMN call.wait IS 'In the queue, until answered or given up';
CREATE INDEX call_started ON call (started DESC);
CREATE INDEX call_customer ON call (customer_id, started DESC);
CREATE INDEX call_open ON call (started) WHERE state <> 'ended';

CREATE FUNCTION check_call_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (CASE OLD.state
        WHEN 'ivr' THEN NEW.state <> 'wrap_up'
        WHEN 'queued' THEN NEW.state IN ('ringing', 'connected', 'ended')
        WHEN 'ringing' THEN NEW.state IN ('queued', 'connected', 'ended')
        WHEN 'connected' THEN NEW.state IN ('queued', 'ringing', 'wrap_up', 'ended')
        WHEN 'wrap_up' THEN NEW.state = 'ended'
        -- The dialplan saw the caller go and closed the call while what had happened to it before
        -- still waited in the journal.
        WHEN 'ended' THEN coalesce(OLD.outcome IN ('abandoned_ivr', 'fallback'), false)
    END) THEN
        RAISE EXCEPTION 'call % cannot go from % to %', NEW.id, OLD.state, NEW.state
            USING ERRCODE = 'CB007';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER call_state BEFORE UPDATE OF state ON call
    FOR EACH ROW EXECUTE FUNCTION check_call_state();

CREATE TABLE call_offer (
    call_id   uuid NOT NULL REFERENCES call ON DELETE CASCADE,
    kind      offer_kind NOT NULL,
    offer_id  integer NOT NULL REFERENCES offer,
    code      code NOT NULL,
    url       text CHECK (url ~ '^https?://[^\s"<>]+$' AND char_length(url) <= 256),
    opened_at timestamptz,
    PRIMARY KEY (call_id, kind)
);
COMMENT ON COLUMN call_offer.url IS 'Personal data: filled for this call';
COMMENT ON COLUMN call_offer.opened_at IS 'When the agent first opened its page';

CREATE TYPE leg_role AS ENUM ('customer', 'agent');

CREATE TABLE call_leg (
    call_id    uuid NOT NULL REFERENCES call ON DELETE CASCADE,
    channel    text NOT NULL CHECK (char_length(channel) BETWEEN 1 AND 150),
    role       leg_role NOT NULL DEFAULT 'customer',
    party      text CHECK (char_length(party) <= 120),
    attempt    smallint,
    started    timestamptz,
    answered   timestamptz,
    ended      timestamptz,
    cause      integer,
    tech_cause text CHECK (char_length(tech_cause) <= 60),
    PRIMARY KEY (call_id, channel)
);
COMMENT ON COLUMN call_leg.party IS 'Personal data: the number, or the agent''s user name';
COMMENT ON COLUMN call_leg.cause IS 'Q.850 cause of its end';

CREATE TABLE call_event (
    id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    -- No foreign key: an event may arrive before its call, which the database was away for.
    call_id    uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    name       text NOT NULL CHECK (name ~ '^[a-z][a-z_]*(\.[a-z_]+)+$' AND char_length(name) <= 80),
    data       jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(data) = 'object'),
    journal_id text UNIQUE
);
COMMENT ON TABLE call_event IS 'Timeline of a call';
COMMENT ON COLUMN call_event.data IS 'Personal data: never digits that a caller keyed';
COMMENT ON COLUMN call_event.journal_id IS 'Journal entry it came from: each is applied once';
CREATE INDEX call_event_call ON call_event (call_id, at);

CREATE TABLE journal_error (
    journal_id text PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    entry      jsonb NOT NULL,
    error      text NOT NULL
);
COMMENT ON TABLE journal_error IS 'Journal entries that could not be applied and were passed over';
COMMENT ON COLUMN journal_error.entry IS 'Personal data: the entry as it came';

CREATE TABLE disposition (
    id              bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    call_id         uuid NOT NULL REFERENCES call ON DELETE CASCADE,
    kind            offer_kind NOT NULL,
    subscriber_id   integer NOT NULL,
    code_kind       disposition_kind NOT NULL,
    code            result_code NOT NULL,
    agent_id        integer REFERENCES user_account,
    customer_id     bigint REFERENCES customer,
    offer_id        integer REFERENCES offer,
    note            text CHECK (char_length(note) <= 4000),
    idempotency_key text NOT NULL UNIQUE CHECK (char_length(idempotency_key) BETWEEN 8 AND 100),
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    replaced_at     timestamptz,
    FOREIGN KEY (subscriber_id, code_kind, code) REFERENCES disposition_code,
    CHECK (code_kind::text IN (kind::text, 'system'))
);
COMMENT ON COLUMN disposition.note IS 'Personal data: what the agent typed';
COMMENT ON COLUMN disposition.agent_id IS 'Null for a code that the system gave';
COMMENT ON COLUMN disposition.replaced_at IS 'When the agent chose another code instead';
CREATE UNIQUE INDEX disposition_in_force ON disposition (call_id, kind) WHERE replaced_at IS NULL;
CREATE INDEX disposition_customer ON disposition (customer_id);

CREATE TABLE call_note (
    call_id    uuid PRIMARY KEY REFERENCES call ON DELETE CASCADE,
    agent_id   integer NOT NULL REFERENCES user_account,
    body       text NOT NULL CHECK (char_length(body) <= 4000),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN call_note.body IS 'Personal data: what the agent typed';

CREATE TABLE customer_lookup (
    id              bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    call_id         uuid REFERENCES call ON DELETE CASCADE,
    agent_id        integer NOT NULL REFERENCES user_account,
    query           jsonb NOT NULL,
    gathered        jsonb NOT NULL DEFAULT '{}',
    customer_id     bigint REFERENCES customer,
    idempotency_key text NOT NULL UNIQUE CHECK (char_length(idempotency_key) BETWEEN 8 AND 100),
    attached_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE customer_lookup IS 'Queries that agents made, and what they attached to the call';
COMMENT ON COLUMN customer_lookup.query IS 'Personal data: field and value asked for';
COMMENT ON COLUMN customer_lookup.gathered IS 'Personal data: call data that went with the query';
CREATE INDEX customer_lookup_call ON customer_lookup (call_id);

CREATE TABLE verification_attempt (
    id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    call_id    uuid NOT NULL REFERENCES call ON DELETE CASCADE,
    account_id bigint REFERENCES account ON DELETE CASCADE,
    status     text NOT NULL CHECK (
        status IN ('VERIFIED', 'ACCOUNT_FOUND', 'SSN_FOUND', 'NOT_FOUND', 'WRONG_SSN', 'LOCKED')
    ),
    wrong_ssn  boolean NOT NULL DEFAULT false,
    at         timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE verification_attempt IS 'Tries to identify by keyed digits; the digits are not kept';
CREATE INDEX verification_attempt_call ON verification_attempt (call_id) WHERE wrong_ssn;
CREATE INDEX verification_attempt_account ON verification_attempt (account_id, id);
