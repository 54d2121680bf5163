"""Desks in trays: what is the same for many cases stands once, and lists are read tray by tray.

A tray lies before whoever holds its key and all of `also`, and nothing of `not_for`. It is seen by
whoever holds the key, and so is what lies in it. Audit sees all.
"""

from django.db import migrations

from placet.store.desk_rows import desk_of, filled_by

TRAYS = """
DROP POLICY own ON listing;
DROP TABLE desk;
CREATE TABLE tray (
    id uuid PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    tab text COLLATE "C" NOT NULL,
    also text[] NOT NULL,
    not_for text[] NOT NULL
);
CREATE INDEX tray_key ON tray (key, tab);
-- `tray` is no foreign key: checking it would lock the same few rows for every act.
CREATE TABLE desk (
    case_id text COLLATE "C" NOT NULL REFERENCES case_head,
    id uuid NOT NULL,
    tray uuid NOT NULL,
    act text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL,
    due timestamptz NOT NULL,
    begins timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    not_for text[] NOT NULL,
    told boolean NOT NULL,
    PRIMARY KEY (case_id, id)
);
CREATE INDEX desk_order ON desk (tray, due, since, case_id, act, about);

GRANT SELECT, INSERT ON tray TO placet_act;
GRANT SELECT, INSERT, DELETE ON desk TO placet_act;
GRANT SELECT ON tray, desk TO placet_read;
"""

NEED_TO_KNOW = """
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tray', 'desk']
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
CREATE POLICY own ON tray FOR SELECT TO placet_read
    USING (key = ANY ((SELECT viewer_keys())::text[]));
CREATE POLICY own ON desk FOR SELECT TO placet_read
    USING (tray IN (SELECT t.id FROM tray t));
CREATE POLICY own ON listing FOR SELECT TO placet_read
    USING (EXISTS (SELECT FROM desk d WHERE d.case_id = listing.case_id));

CREATE OR REPLACE FUNCTION sought(wanted tsquery) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.case_id FROM listing l WHERE array_to_tsvector(l.words) @@ wanted AND EXISTS (
        SELECT FROM desk d JOIN tray t ON t.id = d.tray
        WHERE d.case_id = l.case_id AND t.key = ANY (viewer_keys())
    )
$$;
"""


class Migration(migrations.Migration):
    """Makes the tables and fills them from the cases."""

    dependencies = [("store", "0002_desk")]

    operations = [
        migrations.RunSQL(TRAYS),
        migrations.RunSQL(NEED_TO_KNOW),
        migrations.RunPython(filled_by(desk_of)),
    ]
