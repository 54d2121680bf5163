"""Functions are for those roles alone that call them: PostgreSQL lets everybody call a new one.

`sought` looks past row-level security for the viewer that a setting names; it was made anew in
0005, and the rights that 0002 took away came back with it.
"""

from django.db import migrations

RIGHTS = """
REVOKE ALL ON FUNCTION sought, erased_by, viewer_audits, viewer_parties, viewer_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sought, viewer_audits, viewer_parties, viewer_keys TO placet_read;
"""


class Migration(migrations.Migration):
    """Takes rights away; there is no way back."""

    dependencies = [("store", "0014_signing_keys")]

    operations = [migrations.RunSQL(RIGHTS)]
