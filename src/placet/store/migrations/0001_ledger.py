"""The ledger and the heads of cases: tables, what each role may do to them, what `read` sees.

Written as SQL, because the privileges are the point: an auditor reads this file and sees who could
change what. Nothing here is a table per noun (DESIGN §5).
"""

from django.db import migrations

LEDGER = """
CREATE SEQUENCE ticket AS bigint;
-- An act: its place in the order of drawing, and the public leaf. Never changed.
CREATE TABLE entry (
    ticket bigint PRIMARY KEY,
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32)
);
-- What stands behind the leaf. `case_id` is that of an act on one case.
CREATE TABLE body (
    ticket bigint PRIMARY KEY REFERENCES entry,
    case_id text,
    body bytea NOT NULL
);
-- The acts that have no number yet: the sequencer's work.
CREATE TABLE pending (ticket bigint PRIMARY KEY);
-- The order of the log.
CREATE TABLE numbered (
    index bigint PRIMARY KEY CHECK (index >= 0),
    ticket bigint NOT NULL UNIQUE REFERENCES entry
);
-- Which act brought a case to which version.
CREATE TABLE moved (
    case_id text,
    version bigint,
    ticket bigint NOT NULL REFERENCES entry,
    PRIMARY KEY (case_id, version)
);
-- Which act put tombstones into which body.
CREATE TABLE erasure (
    ticket bigint PRIMARY KEY REFERENCES entry,
    erased bigint NOT NULL REFERENCES entry
);
-- The log's tiles, each in its widest version only; level -1 holds the entries themselves.
CREATE TABLE tile (
    level smallint,
    n bigint,
    width smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
    bytes bytea NOT NULL,
    PRIMARY KEY (level, n)
);
ALTER TABLE tile ALTER bytes SET STORAGE EXTERNAL;  -- hashes cannot be compressed
CREATE TABLE checkpoint (size bigint PRIMARY KEY, note bytea NOT NULL);
-- The log's public keys, in verifier key form.
CREATE TABLE log_key (key text PRIMARY KEY);
"""

STATE = """
-- Cases as they stand. `state` is kept as text: the order of its keys is part of it.
CREATE TABLE case_head (
    case_id text PRIMARY KEY,
    version bigint NOT NULL,
    stage text NOT NULL,
    applicant text NOT NULL,
    state json NOT NULL,
    moved_at timestamptz NOT NULL
);
CREATE INDEX case_head_moved_at ON case_head (moved_at DESC, case_id);
-- Who may see a case's rows at all.
CREATE TABLE case_party (
    case_id text REFERENCES case_head,
    party text,
    PRIMARY KEY (case_id, party)
);
-- What acts build on, whole, per version.
CREATE TABLE context (
    version bigint PRIMARY KEY,
    ticket bigint NOT NULL REFERENCES entry,
    plain json NOT NULL,
    digest text NOT NULL
);
-- `terms` are the claims to sign, `listed` the status in the latest signed list, `problem` why the
-- claims could not be signed.
CREATE TABLE permit (
    permit text PRIMARY KEY,
    case_id text NOT NULL REFERENCES case_head,
    status_index bigint NOT NULL UNIQUE CHECK (status_index >= 0),
    status smallint NOT NULL CHECK (status BETWEEN 0 AND 2),
    listed smallint,
    terms json NOT NULL,
    token text,
    problem text
);
CREATE INDEX permit_case ON permit (case_id);
CREATE INDEX permit_unsigned ON permit (permit) WHERE token IS NULL AND problem IS NULL;
CREATE INDEX permit_unlisted ON permit (permit) WHERE listed IS DISTINCT FROM status;
CREATE INDEX permit_not_ended ON permit (case_id) WHERE status <> 1;
CREATE TABLE status_list (
    version bigint PRIMARY KEY,
    token text NOT NULL,
    digest text NOT NULL,
    at timestamptz NOT NULL
);
"""

ERASURE = """
-- The only way to change a body: by an act that has just been recorded and has no number yet, and
-- only by putting a tombstone in the place of a field. That each tombstone has the right digest is
-- seen by whoever computes the commitment again.
CREATE FUNCTION erase_body(of_ticket bigint, by_ticket bigint, tombstoned bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before jsonb := (SELECT convert_from(b.body, 'UTF8') FROM body b WHERE b.ticket = of_ticket);
    after jsonb := convert_from(tombstoned, 'UTF8');
    field text;
BEGIN
    IF NOT EXISTS (SELECT FROM pending p WHERE p.ticket = by_ticket) THEN
        RAISE EXCEPTION 'no act that has just been recorded erases body %', of_ticket;
    END IF;
    IF before IS NULL OR after - 'fields' IS DISTINCT FROM before - 'fields' THEN
        RAISE EXCEPTION 'there is no body %, or this is not one with tombstones', of_ticket;
    END IF;
    FOR field IN SELECT jsonb_object_keys((before -> 'fields') || (after -> 'fields')) LOOP
        IF after #> ARRAY['fields', field] IS DISTINCT FROM before #> ARRAY['fields', field]
            AND NOT (
                field IN ('actor', 'evidence', 'payload')
                AND (after #> ARRAY['fields', field]) - 'digest' = '{"erased": true}'
                AND after #>> ARRAY['fields', field, 'digest'] ~ '^[A-Za-z0-9_-]{43}$'
            )
        THEN
            RAISE EXCEPTION 'the field % of body % is changed, not erased', field, of_ticket;
        END IF;
    END LOOP;
    INSERT INTO erasure (ticket, erased) VALUES (by_ticket, of_ticket);
    UPDATE body SET body = tombstoned WHERE ticket = of_ticket;
END $$;
REVOKE ALL ON FUNCTION erase_body FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_body TO placet_act;
"""

PRIVILEGES = """
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO placet_act, placet_read, placet_worker, placet_sequencer;

-- Nobody may update or delete entries, numbers, checkpoints, contexts; only the owner could.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO placet_act;
GRANT INSERT ON entry, body, pending, moved, case_head, case_party, context TO placet_act;
GRANT INSERT (permit, case_id, status_index, status, terms), UPDATE (status) ON permit
    TO placet_act;
GRANT USAGE ON SEQUENCE ticket TO placet_act, placet_sequencer;
GRANT UPDATE (version, stage, applicant, state, moved_at) ON case_head TO placet_act;
GRANT DELETE ON case_party TO placet_act;

GRANT SELECT ON entry, pending, numbered, tile, checkpoint, log_key, permit, status_list
    TO placet_sequencer;
GRANT SELECT (version) ON context TO placet_sequencer;
GRANT INSERT ON entry, body, pending, numbered, tile, checkpoint, log_key, status_list
    TO placet_sequencer;
GRANT DELETE ON pending TO placet_sequencer;
GRANT UPDATE (width, bytes) ON tile TO placet_sequencer;
GRANT UPDATE (token, listed, problem) ON permit TO placet_sequencer;

-- `read` sees what is public, and of the rest the rows that the policies below let through.
GRANT SELECT ON entry, pending, numbered, tile, checkpoint, log_key, status_list TO placet_read;
GRANT SELECT ON body, moved, erasure, case_head, case_party, context, permit TO placet_read;
"""

NEED_TO_KNOW = """
CREATE FUNCTION viewer_audits() RETURNS boolean STABLE LANGUAGE sql
    RETURN coalesce(current_setting('placet.viewer_audit', true) = 'on', false);
CREATE FUNCTION viewer_parties() RETURNS text[] STABLE LANGUAGE sql
    RETURN string_to_array(nullif(current_setting('placet.viewer_parties', true), ''), ',');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY
        ARRAY['body', 'moved', 'erasure', 'case_head', 'case_party', 'context', 'permit']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY work ON %I TO placet_owner, placet_act, placet_sequencer'
            ' USING (true) WITH CHECK (true)', name);
        EXECUTE format(
            'CREATE POLICY audit ON %I FOR SELECT TO placet_read'
            ' USING ((SELECT viewer_audits()))', name);
    END LOOP;
    -- A viewer sees which of its own parties have a say, not which others have.
    CREATE POLICY own ON case_party FOR SELECT TO placet_read
        USING (party = ANY ((SELECT viewer_parties())::text[]));
    FOREACH name IN ARRAY ARRAY['body', 'moved', 'case_head', 'permit'] LOOP
        EXECUTE format(
            'CREATE POLICY own ON %1$I FOR SELECT TO placet_read USING (EXISTS'
            ' (SELECT FROM case_party p WHERE p.case_id = %1$I.case_id))', name);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Makes everything; there is no way back, because a log only grows."""

    initial = True

    operations = [
        migrations.RunSQL(LEDGER),
        migrations.RunSQL(STATE),
        migrations.RunSQL(ERASURE),
        migrations.RunSQL(PRIVILEGES),
        migrations.RunSQL(NEED_TO_KNOW),
    ]
