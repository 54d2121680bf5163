"""Which open cases were compared with which context: where it moved on, their turn comes again.

A case is here while it stands on a determination that may cease to follow. The rows of those that
do lie with the others in `desk`, on a tab of their own. This is the queue of that work, and nobody
but who does it and who audits needs to see it.
"""

from django.db import migrations

from placet.store.desk_rows import compared_of, filled_by

COMPARED = """
CREATE TABLE compared (
    case_id text COLLATE "C" PRIMARY KEY REFERENCES case_head,
    -- No context has the version 0: the case has not been compared.
    context bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX compared_context ON compared (context, case_id);
CREATE INDEX compared_until ON compared (until, case_id);

GRANT SELECT, INSERT, DELETE, UPDATE (context, until) ON compared TO placet_act;
GRANT SELECT ON compared TO placet_read;
ALTER TABLE compared ENABLE ROW LEVEL SECURITY;
ALTER TABLE compared FORCE ROW LEVEL SECURITY;
CREATE POLICY work ON compared TO placet_owner, placet_act USING (true) WITH CHECK (true);
CREATE POLICY seen ON compared FOR SELECT TO placet_read USING ((SELECT viewer_audits()));
"""


class Migration(migrations.Migration):
    """Makes the table and fills it from the cases; there is no way back."""

    dependencies = [("store", "0006_awaited")]

    operations = [
        migrations.RunSQL(COMPARED),
        migrations.RunPython(filled_by(compared_of)),
    ]
