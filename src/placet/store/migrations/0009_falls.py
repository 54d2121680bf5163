"""From when on a permit no longer holds by what is on record: that day puts it on the status list.

The instant follows from the case and the context, and every act that moves either works it out
again. An act that finds the permit fallen already leaves the instant at which it fell.
"""

from typing import Any

from django.db import migrations

from placet.review.case import Case
from placet.review.context import load_context
from placet.store.rows import write_falls

FALLS = """
ALTER TABLE permit ADD falls timestamptz;
-- What the sequencer looks for at every look: what is listed otherwise than acts made it, what
-- falls, and what fell and no longer does.
DROP INDEX permit_unlisted;
CREATE INDEX permit_unlisted ON permit (permit)
    WHERE listed IS DISTINCT FROM status AND (status <> 0 OR listed IS DISTINCT FROM 2);
CREATE INDEX permit_falling ON permit (falls) WHERE status = 0 AND listed = 0;
CREATE INDEX permit_fallen ON permit (falls) WHERE status = 0 AND listed = 2;
GRANT UPDATE (falls) ON permit TO placet_act;
"""


def fill(_: Any, editor: Any) -> None:
    """Work it out for the permits on file."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT version, plain FROM context ORDER BY version DESC LIMIT 1")
        found = cursor.fetchone()
        cursor.execute(
            "SELECT state::text FROM case_head WHERE case_id IN"
            " (SELECT case_id FROM permit WHERE status = 0) ORDER BY case_id"
        )
        for (state,) in cursor.fetchall():
            case = Case.model_validate_json(state)
            write_falls(cursor, [case], load_context(*found), case.last)


class Migration(migrations.Migration):
    """Adds the column and fills it; there is no way back."""

    dependencies = [("store", "0008_courses")]

    operations = [migrations.RunSQL(FALLS), migrations.RunPython(fill)]
