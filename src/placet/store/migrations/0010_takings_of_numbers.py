"""What cases take whose request gives a quantity as a number: it counted as nothing before."""

from django.db import migrations

from placet.store.desk_rows import filled_by, takings_of


class Migration(migrations.Migration):
    """Works every row out anew; there is no way back."""

    dependencies = [("store", "0009_falls")]

    operations = [
        migrations.RunSQL("DELETE FROM taking"),
        migrations.RunPython(filled_by(takings_of)),
    ]
