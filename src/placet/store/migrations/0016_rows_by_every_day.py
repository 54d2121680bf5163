"""The rows by which lists find cases, anew: by the earliest day known, a use beyond at once.

An act takes away the rows that it knows of, and lays those that follow from the case. Rows that an
earlier program laid otherwise would stay.
"""

from django.db import migrations

from placet.store.desk_rows import compared_of, courses_of, desk_of, filled_by


class Migration(migrations.Migration):
    """Works every row out anew; there is no way back."""

    dependencies = [("store", "0015_rights_on_functions")]

    operations = [
        migrations.RunSQL("DELETE FROM desk"),
        migrations.RunPython(filled_by(desk_of)),
        migrations.RunPython(filled_by(courses_of)),
        migrations.RunPython(filled_by(compared_of)),
    ]
