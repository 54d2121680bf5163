"""The rows by which lists find cases, anew: the day of an office that has spoken presses nobody."""

from django.db import migrations

from placet.store.desk_rows import compared_of, desk_of, filled_by


class Migration(migrations.Migration):
    """Works every row out anew; there is no way back."""

    dependencies = [("store", "0018_one_appeal_waits")]

    operations = [
        migrations.RunSQL("DELETE FROM desk"),
        migrations.RunPython(filled_by(desk_of)),
        migrations.RunPython(filled_by(compared_of)),
    ]
