"""What cases take whose permit was for one use, and used: the rest counted as still to come."""

from django.db import migrations

from placet.store.desk_rows import filled_by, takings_of


class Migration(migrations.Migration):
    """Works every row out anew; there is no way back."""

    dependencies = [("store", "0016_rows_by_every_day")]

    operations = [
        migrations.RunSQL("DELETE FROM taking"),
        migrations.RunPython(filled_by(takings_of)),
    ]
