"""On whose desk each case lies: the rows by which lists find cases (`need_to_know.case_on_desks`).

A row is seen by whoever holds its key: the keys of the viewer are a setting of the transaction,
so that a forgotten filter shows nothing. Audit sees all.
"""

from django.db import migrations

DESK = """
-- Text that lists are ordered by is compared by its bytes, as everywhere else.
CREATE TABLE desk (
    case_id text COLLATE "C" NOT NULL REFERENCES case_head,
    id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    tab text COLLATE "C" NOT NULL,
    act text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    due timestamptz NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    also text[] NOT NULL,
    not_for text[] NOT NULL,
    told boolean NOT NULL,
    PRIMARY KEY (case_id, id)
);
CREATE INDEX desk_order ON desk (key, tab, due, since, case_id, act, about);
-- What lists are narrowed by.
CREATE TABLE listing (
    case_id text COLLATE "C" PRIMARY KEY REFERENCES case_head,
    status text NOT NULL,
    awaited text[] NOT NULL,
    words text[] NOT NULL
);
CREATE INDEX listing_words ON listing USING gin (array_to_tsvector(words));

GRANT SELECT, INSERT, DELETE ON desk TO placet_act;
GRANT SELECT, INSERT, UPDATE (status, awaited, words) ON listing TO placet_act;
GRANT SELECT ON desk, listing TO placet_read;
"""

NEED_TO_KNOW = """
CREATE FUNCTION viewer_keys() RETURNS text[] STABLE LANGUAGE sql
    RETURN string_to_array(nullif(current_setting('placet.viewer_keys', true), ''), E'\\n');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['desk', 'listing']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY work ON %I TO placet_owner, placet_act'
            ' USING (true) WITH CHECK (true)', name);
        EXECUTE format(
            'CREATE POLICY audit ON %I FOR SELECT TO placet_read'
            ' USING ((SELECT viewer_audits()))', name);
    END LOOP;
END $$;
CREATE POLICY own ON desk FOR SELECT TO placet_read
    USING (key = ANY ((SELECT viewer_keys())::text[]));
CREATE POLICY own ON listing FOR SELECT TO placet_read
    USING (EXISTS (SELECT FROM desk d WHERE d.case_id = listing.case_id));

-- The cases of the viewer that have certain words. A search by words is no use of an index under
-- row-level security, so it is done here, for the viewer's own cases and no others.
CREATE FUNCTION sought(wanted tsquery) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.case_id FROM listing l WHERE array_to_tsvector(l.words) @@ wanted AND EXISTS (
        SELECT FROM desk d WHERE d.case_id = l.case_id AND d.key = ANY (viewer_keys())
    )
$$;
REVOKE ALL ON FUNCTION sought FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sought TO placet_read;
"""


class Migration(migrations.Migration):
    """Makes the tables; the migration after this one fills them from the cases."""

    dependencies = [("store", "0001_ledger")]

    operations = [
        migrations.RunSQL(DESK),
        migrations.RunSQL(NEED_TO_KNOW),
    ]
