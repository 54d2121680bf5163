"""What cases take of stocks, beside their rows for lists; and questions that cost what they find.

Audit is asked about first, once for a question: where it may see all, no row is looked up in the
tables that say who sees it. A search that finds much stops; lists then look at rows in their order.
"""

from django.db import migrations

from placet.store.desk_rows import filled_by, takings_of

TAKINGS = """
CREATE TABLE taking (
    case_id text COLLATE "C" NOT NULL REFERENCES case_head,
    line text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    lot text COLLATE "C" NOT NULL,
    activity text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    approved numeric NOT NULL,
    pending numeric NOT NULL,
    PRIMARY KEY (case_id, line)
);
CREATE INDEX taking_item ON taking (item);
CREATE INDEX taking_lot ON taking (lot);
GRANT SELECT, INSERT, DELETE ON taking TO placet_act;
GRANT SELECT ON taking TO placet_read;
ALTER TABLE taking ENABLE ROW LEVEL SECURITY;
ALTER TABLE taking FORCE ROW LEVEL SECURITY;
CREATE POLICY work ON taking TO placet_owner, placet_act USING (true) WITH CHECK (true);
"""

NEED_TO_KNOW = """
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['body', 'moved', 'case_head', 'permit', 'document'] LOOP
        EXECUTE format('DROP POLICY audit ON %1$I; DROP POLICY own ON %1$I;'
            ' CREATE POLICY seen ON %1$I FOR SELECT TO placet_read USING ((SELECT viewer_audits())'
            ' OR EXISTS (SELECT FROM case_party p WHERE p.case_id = %1$I.case_id))', name);
    END LOOP;
END $$;
DROP POLICY audit ON listing;
DROP POLICY own ON listing;
CREATE POLICY seen ON listing FOR SELECT TO placet_read USING ((SELECT viewer_audits())
    OR EXISTS (SELECT FROM desk d WHERE d.case_id = listing.case_id));
CREATE POLICY seen ON taking FOR SELECT TO placet_read USING ((SELECT viewer_audits())
    OR EXISTS (SELECT FROM desk d WHERE d.case_id = taking.case_id));
"""

SOUGHT = """
DROP FUNCTION sought(tsquery);
CREATE FUNCTION sought(wanted tsquery, most bigint) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.case_id FROM listing l WHERE array_to_tsvector(l.words) @@ wanted AND EXISTS (
        SELECT FROM desk d JOIN tray t ON t.id = d.tray
        WHERE d.case_id = l.case_id AND t.key = ANY (viewer_keys())
    ) LIMIT most
$$;
"""


class Migration(migrations.Migration):
    """Makes the table and fills it from the cases; there is no way back."""

    dependencies = [("store", "0004_documents")]

    operations = [
        migrations.RunSQL(TAKINGS),
        migrations.RunSQL(NEED_TO_KNOW),
        migrations.RunSQL(SOUGHT),
        migrations.RunPython(filled_by(takings_of)),
    ]
